package io.relaunchguard.statemachine.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.metrics.LaunchMeters.Tag;
import java.time.Duration;

/**
 * Meters one launch. There is no registry yet when the launch runs: each that appears gets what happened in the launch, at
 * once if it has ended, else when it ends. Thread-safe.
 */
public final class LaunchMetrics implements MeterBinder {

    private final LaunchProgress progress;

    /**
     * The meters of a launch.
     *
     * @param progress a listener of that launch
     */
    public LaunchMetrics(LaunchProgress progress) {
        this.progress = progress;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (LaunchState state : LaunchState.values()) {
            Gauge.builder(LaunchMeters.STATE_CURRENT.getName(), progress, launch -> isIn(launch, state))
                    .description("Whether the launch in this process is in this state, or ended in it")
                    .tag(Tag.STATE.asString(), TagValues.of(state))
                    .register(registry);
        }
        progress.onEnded(report -> replay(report, registry));
    }

    /** Adds what happened in a launch. */
    static void replay(LaunchReport report, MeterRegistry registry) {
        Timer.builder(LaunchMeters.LAUNCH.getName())
                .description("Launches, from the first state to the last")
                .tag(Tag.OUTCOME.asString(), TagValues.of(report.outcome()))
                .tag(Tag.VERDICT.asString(), TagValues.verdict(report))
                .tag(Tag.UPDATE.asString(), TagValues.update(report))
                .register(registry)
                .record(report.timeline().stream().map(StateVisit::dwell).reduce(Duration.ZERO, Duration::plus));
        report.timeline().stream()
                .filter(visit -> !visit.state().isEnd())
                .forEach(visit -> Timer.builder(LaunchMeters.STATE.getName())
                        .description("Stays in a state")
                        .tag(Tag.STATE.asString(), TagValues.of(visit.state()))
                        .register(registry)
                        .record(visit.dwell()));
        report.transitions()
                .forEach(transition -> Counter.builder(LaunchMeters.TRANSITION.getName())
                        .description("Transitions taken")
                        .tag(Tag.FROM.asString(), TagValues.of(transition.source()))
                        .tag(Tag.TO.asString(), TagValues.of(transition.target()))
                        .register(registry)
                        .increment());
        report.verdict().ifPresent(verdict -> verdict.results().forEach(result -> count(result, registry)));
        report.signals()
                .forEach(sent -> Counter.builder(LaunchMeters.SIGNAL.getName())
                        .description("Signals sent")
                        .tag(Tag.SIGNAL.asString(), TagValues.of(sent.signal()))
                        .tag(Tag.RESULT.asString(), TagValues.of(sent.result()))
                        .register(registry)
                        .increment());
    }

    private static void count(PredicateResult result, MeterRegistry registry) {
        Counter.builder(LaunchMeters.PREDICATE.getName())
                .description("Results of the safety predicates")
                .tag(Tag.PREDICATE.asString(), result.predicate().id())
                .tag(Tag.RESULT.asString(), TagValues.of(result.result()))
                .register(registry)
                .increment();
    }

    private static double isIn(LaunchProgress launch, LaunchState state) {
        return launch.state().filter(state::equals).isPresent() ? 1 : 0;
    }
}
