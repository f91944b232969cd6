package io.relaunchguard.core.launch;

/** How a launch ended. */
public enum Outcome {
    /** Nobody holds the cache: CEF may be started. */
    READY,
    /** The cache is, or may be, in use: CEF must not be started. */
    HELD,
    /** The guard broke while a lock is present: CEF must not be started. */
    FAILED
}
