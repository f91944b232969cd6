package io.relaunchguard.core.lifecycle;

/** The states of a launch, in the order in which a full one passes them; the first is a choice, the last three are ends. */
public enum LaunchState {
    /** The initial choice: is anybody there at all? A profile that nobody has is no relaunch. */
    START("Looking whether anybody has the profile"),
    /** Become the only launcher on the profile, then read and claim the consent marker. */
    MARKER_CHECK("Reading the consent marker"),
    /** Read the lock, pin the process it names, and read every fact about it. */
    HOLDER_READ("Looking for the previous instance"),
    /** Nothing happens here: the guards judge the facts. */
    DECIDE("Deciding"),
    /** Give the consenting holder time to end by itself, longer while it makes progress. */
    TEARDOWN_GRACE("Waiting for the previous instance to finish"),
    /** One graceful request to the pinned holder, then time to follow it. */
    TERM("Asking the previous instance to end"),
    /** Read every fact afresh before force is used. */
    REVALIDATE("Checking again"),
    /** Force the pinned holder to end and wait for the observed exit. */
    KILL("Ending the previous instance"),
    /** Wait until nobody live holds the browser cache. */
    PREFLIGHT("Waiting for the browser cache"),
    /** The cache is free: CEF may be started. */
    READY("Ready"),
    /** The cache is, or may be, in use: CEF must not be started. */
    HELD("Held by another instance"),
    /** The guard broke while a lock is present: CEF must not be started. */
    FAILED("Failed");

    private final String description;

    LaunchState(String description) {
        this.description = description;
    }

    /** A short plain-language phrase for the state. */
    public String description() {
        return description;
    }

    /** Whether a launch ends here. */
    public boolean isEnd() {
        return this == READY || this == HELD || this == FAILED;
    }
}
