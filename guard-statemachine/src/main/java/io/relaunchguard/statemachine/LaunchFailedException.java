package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;

/** The exception for a launch that FAILED: the guard failed and could not show that the profile is free. */
public final class LaunchFailedException extends LaunchRefusedException {

    /** The exit code of a process whose start ends with this exception. */
    public static final int EXIT_CODE = 4;

    private static final long serialVersionUID = 1L;

    LaunchFailedException(Path profile, LaunchReport report) {
        super(profile, report, EXIT_CODE);
    }
}
