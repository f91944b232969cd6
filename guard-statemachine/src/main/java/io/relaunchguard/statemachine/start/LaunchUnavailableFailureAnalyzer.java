package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.PrintableText;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** The analyzer that says why the launch could not begin. */
final class LaunchUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<LaunchUnavailableException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, LaunchUnavailableException cause) {
        String reason = PrintableText.of(String.valueOf(cause.getMessage()));
        return new FailureAnalysis("The launch guard cannot run: " + reason + ".", cause.action(), cause);
    }
}
