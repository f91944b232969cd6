package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;
import org.springframework.boot.ExitCodeGenerator;

/** There is no permit to start CEF: the report tells why, and its advice what to do. */
public abstract sealed class LaunchRefusedException extends RuntimeException implements ExitCodeGenerator
        permits LaunchHeldException, LaunchFailedException {

    private static final long serialVersionUID = 1L;

    private final transient Path profile;
    private final transient LaunchReport report;
    private final int exitCode;

    LaunchRefusedException(Path profile, LaunchReport report, int exitCode) {
        super(report.summary());
        this.profile = profile;
        this.report = report;
        this.exitCode = exitCode;
    }

    /**
     * The exception for a launch that yielded no permit.
     *
     * @throws IllegalArgumentException if it ended READY
     */
    static LaunchRefusedException of(Path profile, LaunchReport report) {
        return switch (report.outcome()) {
            case HELD -> new LaunchHeldException(profile, report);
            case FAILED -> new LaunchFailedException(profile, report);
            case READY -> throw new IllegalArgumentException("a launch that ended READY has a permit");
        };
    }

    /** CEF's root cache path. */
    public Path profile() {
        return profile;
    }

    /** What the launch saw and did. */
    public LaunchReport report() {
        return report;
    }

    /** What the process ends with when this ends the start. */
    @Override
    public int getExitCode() {
        return exitCode;
    }
}
