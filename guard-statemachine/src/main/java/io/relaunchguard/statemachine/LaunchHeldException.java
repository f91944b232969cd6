package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;

/** The exception for a launch that was HELD: another instance has, or may have, the profile. */
public final class LaunchHeldException extends LaunchRefusedException {

    /** The exit code of a process whose start ends with this exception. */
    public static final int EXIT_CODE = 3;

    private static final long serialVersionUID = 1L;

    LaunchHeldException(Path profile, LaunchReport report) {
        super(profile, report, EXIT_CODE);
    }
}
