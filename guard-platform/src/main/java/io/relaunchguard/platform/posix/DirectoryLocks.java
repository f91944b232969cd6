package io.relaunchguard.platform.posix;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * flock(2) on directories. Such a lock belongs to the open file description: it does not care what happens to the files in the
 * directory, nor who else in the process opens and closes it, and the kernel drops it when its owner ends. No program that the
 * process starts inherits it.
 */
public interface DirectoryLocks {

    /**
     * Takes a lock on the directory through a descriptor of its own, without waiting.
     *
     * @return holds the lock until closed, or for the life of the process; empty if somebody has one that excludes it
     */
    Optional<Lock> tryLock(Path directory, Kind kind) throws IOException;

    /** Whom a lock excludes. */
    enum Kind {
        /** Exclusive locks. */
        SHARED(1),

        /** All others. */
        EXCLUSIVE(2);

        private static final int WITHOUT_WAITING = 4;

        private final int operation;

        Kind(int operation) {
            this.operation = operation;
        }

        /** LOCK_SH or LOCK_EX, and LOCK_NB: the same numbers on Linux and macOS. */
        public int operation() {
            return operation | WITHOUT_WAITING;
        }
    }

    /** A lock that is had. */
    @FunctionalInterface
    interface Lock extends AutoCloseable {

        /** Lets it go. Never throws. */
        @Override
        void close();
    }
}
