package io.relaunchguard.core.process;

/** What can be sent to a process. */
public enum Signal {
    /** The graceful request: SIGTERM. */
    TERM,
    /** Lets a stopped process run again, so that it can see the request: SIGCONT. */
    CONT,
    /** Force: SIGKILL. */
    KILL
}
