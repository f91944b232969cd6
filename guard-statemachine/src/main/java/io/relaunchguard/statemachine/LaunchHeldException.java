package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;

/** Another instance has, or may have, the profile. */
public final class LaunchHeldException extends LaunchRefusedException {

    /** What the process ends with. */
    public static final int EXIT_CODE = 3;

    private static final long serialVersionUID = 1L;

    LaunchHeldException(Path profile, LaunchReport report) {
        super(profile, report, EXIT_CODE);
    }
}
