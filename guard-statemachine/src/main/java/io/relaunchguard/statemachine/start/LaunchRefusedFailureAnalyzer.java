package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.PrintableText;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.LaunchRefusedException;
import java.util.Locale;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * The analyzer for a launch without a permit. It says what the launch saw, what it deliberately did not do, and what to
 * do now.
 */
abstract class LaunchRefusedFailureAnalyzer<T extends LaunchRefusedException> extends AbstractFailureAnalyzer<T> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, T cause) {
        LaunchReport report = cause.report();
        StringBuilder text = new StringBuilder()
                .append(report.outcome() == Outcome.HELD ? "The launch was held: " : "The launch guard failed: ")
                .append(PrintableText.of(report.summary()))
                .append("\n\n    Profile:    ")
                .append(PrintableText.of(cause.profile().toString()));
        report.lock()
                .toOptional()
                .ifPresent(lock -> text.append("\n    Lock:       process ")
                        .append(lock.pid())
                        .append(" on host ")
                        .append(lock.host())
                        .append(report.lockedSince()
                                .toOptional()
                                .map(since -> ", since " + since)
                                .orElse("")));
        report.holder()
                .toOptional()
                .ifPresent(holder -> text.append("\n    Holder:     ").append(PrintableText.of(describe(holder))));
        report.verdict()
                .filter(Verdict.Spare.class::isInstance)
                .map(verdict -> ((Verdict.Spare) verdict).reason())
                .ifPresent(reason -> text.append("\n    Spared by:  ").append(PrintableText.of(describe(reason))));
        text.append("\n    Done:       ").append(done(report));
        report.faults().forEach(fault -> text.append("\n    Fault:      ").append(PrintableText.of(fault)));
        return new FailureAnalysis(text.toString(), PrintableText.of(report.advice()), cause);
    }

    private static String describe(ProcessIdentity holder) {
        return "%s%s, user %s"
                .formatted(
                        lower(holder.state()),
                        holder.executable()
                                .toOptional()
                                .map(path -> ", " + path)
                                .orElse(""),
                        holder.user().toOptional().orElse("unknown"));
    }

    private static String describe(PredicateResult reason) {
        return "%s (%s): %s".formatted(reason.predicate().id(), lower(reason.result()), reason.detail());
    }

    private static String done(LaunchReport report) {
        return report.signals().isEmpty()
                ? "no process was signalled, and no lock of a living process was touched; the browser was not started"
                : report.signals().stream()
                                .map(LaunchRefusedFailureAnalyzer::describe)
                                .collect(Collectors.joining("; "))
                        + "; the browser was not started";
    }

    private static String describe(SentSignal sent) {
        return "sent SIG%s to process %d (%s)".formatted(sent.signal(), sent.pid(), lower(sent.result()));
    }

    private static String lower(Object name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
