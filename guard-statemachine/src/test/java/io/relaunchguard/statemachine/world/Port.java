package io.relaunchguard.statemachine.world;

/** Every method of every port, so that a test can say where the world moves or breaks. */
public enum Port {
    HOST_READ,
    PIN,
    LOOK,
    OTHERS,
    HELPERS_OF,
    STOPPED_HELPERS_OF,
    NAMESAKE,
    SEES_EVERYBODY,
    USES_PROFILE,
    PIN_PID,
    PIN_IDENTITY,
    PIN_HAS_EXITED,
    PIN_REQUEST_EXIT,
    PIN_FORCE_EXIT,
    PIN_RESUME,
    PIN_ACTIVITY,
    PIN_ON_EXIT,
    PIN_CLOSE,
    LOCK_READ,
    LOCK_SINCE,
    LOCK_REMOVE,
    LOCK_WATCH,
    RECORD_READ,
    RECORD_WRITE,
    LIFE_LOCK_KEEP,
    LIFE_LOCK_PROBE,
    WATCH_CLOSE,
    PROFILE_IDENTITY,
    MARKER_PEEK,
    MARKER_CLAIM,
    MARKER_READ_CLAIM,
    MARKER_NOTE_REQUEST,
    MARKER_DISCARD_CLAIM,
    MARKER_WRITE,
    MARKER_WITHDRAW,
    MARKER_STAGE,
    CLOSING_WRITE,
    CLOSING_READ,
    LAUNCH_LOCK_REQUEST,
    LAUNCH_LOCK_PROBE,
    HOLD_CLOSE,
    HISTORY_APPEND,
    HISTORY_LINES,
    THREAD_DUMP_WRITE,
    THREAD_DUMP_FIND,
    CLOCK_NANO_TIME,
    CLOCK_SINCE_BOOT,
    CLOCK_NOW,
    CLOCK_POLL;

    /** Whether the port's contract allows it to throw: what closes never does. */
    public boolean mayThrow() {
        return this != PIN_CLOSE && this != WATCH_CLOSE && this != HOLD_CLOSE;
    }

    /** Whether its answer can be that it cannot be told. */
    public boolean canBeUnknown() {
        return switch (this) {
            case HOST_READ,
                    PIN,
                    LOOK,
                    NAMESAKE,
                    SEES_EVERYBODY,
                    USES_PROFILE,
                    PIN_IDENTITY,
                    PIN_ACTIVITY,
                    LOCK_READ,
                    LOCK_SINCE,
                    PROFILE_IDENTITY -> true;
            case MARKER_PEEK,
                    MARKER_CLAIM,
                    MARKER_READ_CLAIM,
                    MARKER_NOTE_REQUEST,
                    LAUNCH_LOCK_PROBE,
                    CLOCK_SINCE_BOOT -> true;
            case RECORD_READ, LIFE_LOCK_KEEP, LIFE_LOCK_PROBE, CLOSING_READ -> true;
            default -> false;
        };
    }

    /** Whether it only tells the time or waits, and so happens all the time. */
    public boolean isTime() {
        return this == CLOCK_NANO_TIME || this == CLOCK_NOW || this == CLOCK_SINCE_BOOT;
    }
}
