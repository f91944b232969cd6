package io.relaunchguard.core.lifecycle;

/**
 * The states of a launch, in the order in which a full launch passes them. The first is a choice, the last three are
 * ends.
 */
public enum LifecycleState {
    /** The initial choice: does another process have the profile? If none has it, the launch is no relaunch. */
    START("Checking whether the profile is free"),
    /**
     * The state in which the launch becomes the only launcher on the profile, then reads and claims the consent marker.
     */
    MARKER_CHECK("Reading the consent marker"),
    /**
     * The state in which the launch reads the lock, pins the process it names, and reads every fact about that process.
     */
    HOLDER_READ("Looking for the previous instance"),
    /** The state in which the transition guards judge the facts. The launch does nothing else here. */
    DECIDE("Deciding"),
    /** The state in which the consenting holder has time to end by itself, and more time while it makes progress. */
    TEARDOWN_GRACE("Waiting for the previous instance to finish"),
    /** The state in which the launch sends one graceful request to the pinned holder, then gives it time to follow. */
    TERM("Asking the previous instance to end"),
    /** The state in which the launch reads every fact afresh before it uses force. */
    REVALIDATE("Checking again"),
    /** The state in which the launch forces the pinned holder to end and waits until it sees the exit. */
    KILL("Ending the previous instance"),
    /** The state in which the launch waits until no live process holds the profile. */
    PREFLIGHT("Waiting for the profile"),
    /** The end with a free cache: CEF may be started. */
    READY("Ready"),
    /** The end with a cache that is, or may be, in use: CEF must not be started. */
    HELD("Held by another instance"),
    /** The end after a fault, with a profile that was not shown to be free: CEF must not be started. */
    FAILED("Failed");

    private final String description;

    LifecycleState(String description) {
        this.description = description;
    }

    /** Returns a short plain-language phrase for the state. */
    public String description() {
        return description;
    }

    /** Returns whether a launch ends here. */
    public boolean isEnd() {
        return this == READY || this == HELD || this == FAILED;
    }
}
