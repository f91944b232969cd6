package io.relaunchguard.core.process;

/** What the kernel says a process is doing. */
public enum ExecutionState {
    /** Running or able to run: also sleeping and waiting. */
    RUNNING,
    /** Stopped by a signal or suspended; it acts on no request until it is resumed. */
    STOPPED,
    /** Held by a debugger. */
    TRACED,
    /** In an uninterruptible wait in the kernel; not even force ends it until that is over. */
    UNINTERRUPTIBLE,
    /** Exited. A zombie that nobody has reaped is here too: it holds nothing any more. */
    EXITED
}
