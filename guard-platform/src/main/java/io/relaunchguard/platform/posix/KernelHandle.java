package io.relaunchguard.platform.posix;

import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;

/** The operating system's part of a process handle: everything that {@link PosixPinnedProcess} needs of a kernel. */
public interface KernelHandle {

    /** Returns whether the process has exited according to the kernel, including zombies. */
    boolean hasExited();

    /** Sends a signal, which reaches exactly this process or none. */
    SentSignal send(Signal signal);

    /** Creates a wait for the exit, which a thread can block in. Called at most once. */
    ExitWait exitWait();

    /** Releases the kernel's resources for the process. */
    void close();

    /** A wait for the exit that another thread can end. */
    interface ExitWait {

        /** Blocks until the process has exited or the wait is ended, and returns whether the process has exited. */
        boolean await();

        /** Ends the wait. */
        void end();

        /** Releases the kernel's resources for the wait. Call it only when no thread waits any more. */
        void close();
    }
}
