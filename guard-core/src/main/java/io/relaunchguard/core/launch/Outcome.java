package io.relaunchguard.core.launch;

/** The outcome of a launch. */
public enum Outcome {
    /** The profile is free: CEF may be started. */
    READY,
    /** The profile is, or may be, in use: CEF must not be started. */
    HELD,
    /** The guard failed and could not show that the profile is free: CEF must not be started. */
    FAILED
}
