package io.relaunchguard.core.process;

/** What a process is doing, according to the kernel. */
public enum ExecutionState {
    /** Running or ready to run, including sleeping and waiting. */
    RUNNING,
    /** Stopped by a signal or suspended: it reacts to no request until it is resumed. */
    STOPPED,
    /** Stopped by a debugger. */
    TRACED,
    /** In an uninterruptible wait in the kernel: until that is over, not even force ends it. */
    UNINTERRUPTIBLE,
    /** Exited, including a zombie that its parent has not reaped: it no longer holds any resource. */
    EXITED
}
