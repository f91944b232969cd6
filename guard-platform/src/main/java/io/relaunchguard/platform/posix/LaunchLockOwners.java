package io.relaunchguard.platform.posix;

import java.nio.file.Path;
import java.util.Optional;

/** Which process has the launch lock, where the kernel's lock on its file does not tell any more. */
public interface LaunchLockOwners {

    /** Where that cannot be told: the kernel's lock alone counts. */
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

    /** Names this process, for as long as it lives; empty if it cannot be named. */
    String self();

    /**
     * The process with that name, if it is another one that lives and may still have the file of the launch lock open: this one, or
     * one of its name that was deleted, as when somebody puts a copy in its place.
     *
     * @param name as {@link #self} gave it there, or anything else
     * @param key device and inode of the file
     */
    Optional<Long> alive(String name, Path file, Object key);

    /** The process with that name, if it is another one that lives, whatever files it has open. */
    Optional<Long> living(String name);

    /** The same processes, each of which has its lock until it ends. */
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

    /** A process that has a file of this name open which has been deleted. */
    Optional<Long> ofDeleted(Path file);
}
