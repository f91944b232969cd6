package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import org.springframework.boot.ExitCodeGenerator;

/** There is no permit to start CEF: the report tells why, and its advice what to do. */
public abstract sealed class LaunchRefusedException extends RuntimeException implements ExitCodeGenerator
        permits LaunchHeldException, LaunchFailedException {

    private static final long serialVersionUID = 1L;

    private final transient LaunchReport report;
    private final int exitCode;

    LaunchRefusedException(LaunchReport report, int exitCode) {
        super(report.summary());
        this.report = report;
        this.exitCode = exitCode;
    }

    /**
     * The exception for a launch that yielded no permit.
     *
     * @throws IllegalArgumentException if it ended READY
     */
    public static LaunchRefusedException of(LaunchReport report) {
        return switch (report.outcome()) {
            case HELD -> new LaunchHeldException(report);
            case FAILED -> new LaunchFailedException(report);
            case READY -> throw new IllegalArgumentException("the launch is " + Outcome.READY);
        };
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
