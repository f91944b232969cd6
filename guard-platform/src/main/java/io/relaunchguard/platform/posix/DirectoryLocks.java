package io.relaunchguard.platform.posix;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Locks on directories by flock(2). Such a lock belongs to the open file description: it is independent of the files in
 * the directory and of other code in the process that opens and closes the directory, and the kernel releases it when
 * its owner ends. No program that the process starts inherits it.
 */
public interface DirectoryLocks {

    /**
     * Takes a lock on the directory through a descriptor of its own, without waiting.
     *
     * @return the lock, in force until it is closed or the process ends; empty if another lock excludes it
     * @throws IOException if the directory cannot be opened or locked
     */
    Optional<Lock> tryLock(Path directory, Kind kind) throws IOException;

    /** The locks that a lock excludes. */
    enum Kind {
        /** Excludes exclusive locks. */
        SHARED(1),

        /** Excludes all other locks. */
        EXCLUSIVE(2);

        private static final int WITHOUT_WAITING = 4;

        private final int operation;

        Kind(int operation) {
            this.operation = operation;
        }

        /** Returns LOCK_SH or LOCK_EX combined with LOCK_NB, the same numbers on Linux and macOS. */
        public int operation() {
            return operation | WITHOUT_WAITING;
        }
    }

    /** A lock in force. */
    @FunctionalInterface
    interface Lock extends AutoCloseable {

        /** Releases the lock. Never throws. */
        @Override
        void close();
    }
}
