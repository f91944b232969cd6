package io.relaunchguard.core.process;

/** A signal that the guard can send to a process. */
public enum Signal {
    /** SIGTERM, the request to end. */
    TERM,
    /** SIGCONT, which resumes a stopped process so that it can react to the request. */
    CONT,
    /** SIGKILL, which ends the process by force. */
    KILL
}
