package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;
import org.springframework.boot.ExitCodeGenerator;

/**
 * The exception for a launch that yielded no permit to start CEF. Its report gives the reason, and the report's advice
 * says what to do.
 */
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
     * Returns the exception for a launch that yielded no permit.
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

    /** Returns CEF's root cache path. */
    public Path profile() {
        return profile;
    }

    /** Returns the report: what the launch saw and did. */
    public LaunchReport report() {
        return report;
    }

    /** Returns the exit code of a process whose start ends with this exception. */
    @Override
    public int getExitCode() {
        return exitCode;
    }
}
