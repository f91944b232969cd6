package io.relaunchguard.statemachine.start;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells why the launch could not begin. */
final class LaunchUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<LaunchUnavailableException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, LaunchUnavailableException cause) {
        return new FailureAnalysis("The launch guard cannot run: " + cause.getMessage() + ".", cause.action(), cause);
    }
}
