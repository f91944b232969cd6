package io.relaunchguard.it.cli;

import io.relaunchguard.core.launch.Outcome;

/** What the process ends with. */
public final class ExitCodes {

    /** The profile is free, or the command did its work. */
    public static final int READY = 0;

    /** The drill saw something else than it expected. */
    public static final int DIFFERENCE = 1;

    /** An option or the profile is wrong; nothing was changed. */
    public static final int USAGE = 2;

    /** Another instance has, or may have, the profile. */
    public static final int HELD = 3;

    /** The guard broke while a lock is present. */
    public static final int FAILED = 4;

    /** The profile is free, but CMD could not be started; the same number as a shell's. */
    public static final int NOT_STARTED = 126;

    private ExitCodes() {}

    static int of(Outcome outcome) {
        return switch (outcome) {
            case READY -> READY;
            case HELD -> HELD;
            case FAILED -> FAILED;
        };
    }
}
