package io.relaunchguard.statemachine.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.history.HistoryRecord.Predicate;
import io.relaunchguard.statemachine.history.HistoryRecord.SignalRecord;
import io.relaunchguard.statemachine.history.HistoryRecord.Step;
import io.relaunchguard.statemachine.history.HistoryRecord.Visit;
import io.relaunchguard.statemachine.metrics.GuardMeters.Tag;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The metering of one launch, and of earlier launches that no process has counted, such as launches that were HELD,
 * whose processes ended. There is no registry yet when the launch runs. Each registry that appears receives what
 * happened: at once if the launch has ended, otherwise when it ends. Thread-safe.
 */
public final class GuardMetrics implements MeterBinder {

    private static final Log logger = LogFactory.getLog(GuardMetrics.class);

    /**
     * The longest stay in a state that is credible. A longer stay was made up, because the launches come from a file.
     */
    private static final double LONGEST_STAY_MILLIS = Duration.ofHours(1).toMillis();

    private final LaunchProgress progress;
    private final Supplier<List<HistoryRecord>> uncounted;
    private final CompletableFuture<List<HistoryRecord>> earlier = new CompletableFuture<>();
    private boolean isAsked;

    /**
     * Creates the metering of a launch.
     *
     * @param progress a listener of that launch
     */
    public GuardMetrics(LaunchProgress progress) {
        this(progress, List::of);
    }

    /**
     * Creates the metering of a launch and of those before it.
     *
     * @param progress a listener of that launch
     * @param uncounted gives the earlier launches; called once, when there is a registry and the launch was READY, on a
     *     thread of its own
     */
    public GuardMetrics(LaunchProgress progress, Supplier<List<HistoryRecord>> uncounted) {
        this.progress = progress;
        this.uncounted = uncounted;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (LifecycleState state : LifecycleState.values()) {
            Gauge.builder(GuardMeters.STATE_CURRENT.getName(), progress, launch -> isIn(launch, state))
                    .description("Whether the launch in this process is in this state, or ended in it")
                    .tag(Tag.STATE.asString(), TagValues.of(state))
                    .register(registry);
        }
        progress.onEnded(report -> {
            replay(HistoryRecord.of(report), registry);
            if (report.outcome() == Outcome.READY) {
                var unused = earlier().thenAccept(launches -> launches.forEach(launch -> replay(launch, registry)));
            }
        });
    }

    /** Returns the launches before this one. They are taken once, and every registry gets them. */
    private synchronized CompletableFuture<List<HistoryRecord>> earlier() {
        if (!isAsked) {
            isAsked = true;
            Thread thread = new Thread(this::take, "relaunch-guard-uncounted");
            thread.setDaemon(true);
            thread.start();
        }
        return earlier;
    }

    private void take() {
        try {
            earlier.complete(uncounted.get());
        } catch (RuntimeException | LinkageError e) {
            logger.warn("The launches of earlier processes are not counted", e);
            earlier.complete(List.of());
        }
    }

    /**
     * Adds what happened in a launch to the registry. Leaves out what is not among the documented values of a tag,
     * because a file may say anything.
     */
    static void replay(HistoryRecord launch, MeterRegistry registry) {
        TagValues.outcome(launch)
                .ifPresent(outcome -> Timer.builder(GuardMeters.LAUNCH.getName())
                        .description("Launches, from the first state to the last")
                        .tag(Tag.OUTCOME.asString(), outcome)
                        .tag(Tag.VERDICT.asString(), TagValues.verdict(launch))
                        .tag(Tag.UPDATE.asString(), TagValues.update(launch))
                        .register(registry)
                        .record(launch.timeline().stream()
                                .map(GuardMetrics::dwell)
                                .reduce(Duration.ZERO, Duration::plus)));
        launch.timeline().forEach(visit -> count(visit, registry));
        launch.path().forEach(step -> count(step, registry));
        launch.predicates().forEach(result -> count(result, registry));
        launch.signals().forEach(sent -> count(sent, registry));
    }

    private static void count(Visit visit, MeterRegistry registry) {
        TagValues.known(LifecycleState.class, visit.state())
                .filter(state -> !state.isEnd())
                .ifPresent(state -> Timer.builder(GuardMeters.STATE.getName())
                        .description("Stays in a state")
                        .tag(Tag.STATE.asString(), TagValues.of(state))
                        .register(registry)
                        .record(dwell(visit)));
    }

    private static void count(Step step, MeterRegistry registry) {
        TagValues.known(LifecycleState.class, step.from())
                .ifPresent(from -> TagValues.known(LifecycleState.class, step.to())
                        .ifPresent(to -> Counter.builder(GuardMeters.TRANSITION.getName())
                                .description("Transitions taken")
                                .tag(Tag.FROM.asString(), TagValues.of(from))
                                .tag(Tag.TO.asString(), TagValues.of(to))
                                .register(registry)
                                .increment()));
    }

    private static void count(Predicate judged, MeterRegistry registry) {
        known(judged)
                .ifPresent(predicate -> TagValues.known(PredicateResult.Truth.class, judged.result())
                        .ifPresent(result -> Counter.builder(GuardMeters.PREDICATE.getName())
                                .description("Results of the safety predicates")
                                .tag(Tag.PREDICATE.asString(), predicate.id())
                                .tag(Tag.RESULT.asString(), TagValues.of(result))
                                .register(registry)
                                .increment()));
    }

    private static void count(SignalRecord sent, MeterRegistry registry) {
        TagValues.known(Signal.class, sent.signal())
                .ifPresent(signal -> TagValues.known(SentSignal.Result.class, sent.result())
                        .ifPresent(result -> Counter.builder(GuardMeters.SIGNAL.getName())
                                .description("Signals sent")
                                .tag(Tag.SIGNAL.asString(), TagValues.of(signal))
                                .tag(Tag.RESULT.asString(), TagValues.of(result))
                                .register(registry)
                                .increment()));
    }

    private static Optional<SafetyPredicate> known(Predicate judged) {
        return Arrays.stream(SafetyPredicate.values())
                .filter(predicate -> predicate.id().equals(judged.name()))
                .findFirst();
    }

    private static Duration dwell(Visit visit) {
        double millis = Math.max(0, Math.min(visit.dwellMillis(), LONGEST_STAY_MILLIS));
        return Duration.ofNanos(Math.round(millis * TimeUnit.MILLISECONDS.toNanos(1)));
    }

    private static double isIn(LaunchProgress launch, LifecycleState state) {
        return launch.state().filter(state::equals).isPresent() ? 1 : 0;
    }
}
