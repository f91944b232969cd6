package io.relaunchguard.platform.posix;

import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;

/** How an operating system holds one process fast: all that {@link PosixPinnedProcess} needs of a kernel. */
public interface ProcessHold {

    /** Whether the kernel says that it has exited, zombies included. */
    boolean hasExited();

    /** Sends it a signal, which reaches this very process or nobody. */
    SentSignal send(Signal signal);

    /** Something that a thread can wait in for the exit; at most one is asked for. */
    ExitWait exitWait();

    /** Gives up what the kernel keeps for it. */
    void close();

    /** A wait for the exit, which another thread can end. */
    interface ExitWait {

        /** Returns when the process has exited, which is true, or when the wait is ended. */
        boolean await();

        /** Ends the wait. */
        void end();

        /** Gives up what the kernel keeps for it, once nobody is waiting. */
        void close();
    }
}
