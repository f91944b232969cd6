package io.relaunchguard.it.cli;

import io.relaunchguard.core.launch.Outcome;

/** The exit codes of the process. */
public final class ExitCodes {

    /** The exit code if the profile is free, or the command did its work. */
    public static final int READY = 0;

    /** The exit code if the drill saw something else than it expected. */
    public static final int DIFFERENCE = 1;

    /** The exit code if an option or the profile is wrong; nothing was changed. */
    public static final int USAGE = 2;

    /** The exit code if another instance has, or may have, the profile. */
    public static final int HELD = 3;

    /** The exit code if the guard failed and could not show that the profile is free. */
    public static final int FAILED = 4;

    /** The exit code if the profile is free, but CMD could not be started; the same number as a shell's. */
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
