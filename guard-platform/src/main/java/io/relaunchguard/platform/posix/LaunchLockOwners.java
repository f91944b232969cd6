package io.relaunchguard.platform.posix;

import java.nio.file.Path;
import java.util.Optional;

/** Finds the process that has the launch lock when the kernel's lock on the file no longer shows it. */
public interface LaunchLockOwners {

    /** The implementation for platforms that cannot find it: only the kernel's lock counts. */
    LaunchLockOwners UNKNOWN = new LaunchLockOwners() {
        @Override
        public String self() {
            return "";
        }

        @Override
        public Optional<Long> alive(String name, Path file, Object key) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> living(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> ofDeleted(Path file) {
            return Optional.empty();
        }
    };

    /** Returns a name that identifies this process as long as it lives; empty if there is none. */
    String self();

    /**
     * Returns the PID of the process with that name, if it is another process, lives, and may still have the file of
     * the launch lock open. That is this file, or a deleted one of the same name, as when the file was replaced by a
     * copy.
     *
     * @param name a name as {@link #self} returned it in the owner, or any other text
     * @param key device and inode of the file
     */
    Optional<Long> alive(String name, Path file, Object key);

    /**
     * Returns the PID of the process with that name, if it is another process and lives, whatever files it has open.
     */
    Optional<Long> living(String name);

    /** Returns a view of the owners in which each has its lock until it ends. */
    default LaunchLockOwners untilTheyEnd() {
        LaunchLockOwners owners = this;
        return new LaunchLockOwners() {
            @Override
            public String self() {
                return owners.self();
            }

            @Override
            public Optional<Long> alive(String name, Path file, Object key) {
                return owners.living(name);
            }

            @Override
            public Optional<Long> living(String name) {
                return owners.living(name);
            }

            @Override
            public Optional<Long> ofDeleted(Path file) {
                return owners.ofDeleted(file);
            }
        };
    }

    /** Returns the PID of a process that has a deleted file of this name open. */
    Optional<Long> ofDeleted(Path file);
}
