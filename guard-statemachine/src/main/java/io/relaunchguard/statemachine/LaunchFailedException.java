package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;

/** The guard broke while a lock is present. */
public final class LaunchFailedException extends LaunchRefusedException {

    /** What the process ends with. */
    public static final int EXIT_CODE = 4;

    private static final long serialVersionUID = 1L;

    LaunchFailedException(LaunchReport report) {
        super(report, EXIT_CODE);
    }
}
