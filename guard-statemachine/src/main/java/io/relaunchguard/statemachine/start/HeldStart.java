package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.Silence;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** This start, whose launch was HELD. */
final class HeldStart implements HeldLaunch {

    /** The shortest observation after which this start believes that a process does nothing. */
    static final Duration OBSERVATION = Duration.ofSeconds(2);

    private static final Log logger = LogFactory.getLog(HeldStart.class);

    private final ProfilePorts ports;
    private final LaunchReport report;
    private final SecondStart start;
    private final RelaunchGuardProperties properties;
    private final List<LaunchListener> listeners;
    private volatile @Nullable HandOver handedOver;
    private volatile Silence.@Nullable Judgement judgement;

    HeldStart(
            ProfilePorts ports,
            LaunchReport report,
            SecondStart start,
            RelaunchGuardProperties properties,
            List<LaunchListener> listeners) {
        this.ports = ports;
        this.report = report;
        this.start = start;
        this.properties = properties;
        this.listeners = listeners;
    }

    @Override
    public Path profile() {
        return ports.profile();
    }

    @Override
    public LaunchReport report() {
        return report;
    }

    @Override
    public Optional<HandOver> handedOver() {
        return Optional.ofNullable(handedOver);
    }

    @Override
    public HandOver handOver() {
        judgement = null;
        HandOver result = report.mayBeHandedOver()
                ? safelyObserved()
                : new HandOver.Refused("it is not certain that the application is running");
        handedOver = result;
        return result;
    }

    /** Returns whether the process that was spared has provably ended since. */
    boolean hasHolderEnded() {
        return report.holder()
                .toOptional()
                .filter(holder -> {
                    Observation<ProcessIdentity> now = ports.processes().look(holder.pid());
                    return now instanceof Observation.Absent
                            || now.map(seen -> seen.state() == ExecutionState.EXITED
                                            || !seen.start().equals(holder.start()))
                                    .is(true);
                })
                .isPresent();
    }

    /** Asks the running instance. If anything breaks, even with an error, this start stays HELD and says why. */
    private HandOver safelyObserved() {
        try {
            return observed();
        } catch (Throwable t) {
            judgement = null;
            logger.warn("The running instance could not be asked", t);
            return new HandOver.NotAsked(t.toString());
        }
    }

    @Override
    public Optional<ProcessIdentity> endable() {
        return judgement instanceof Silence.Judgement.Endable ? report.holder().toOptional() : Optional.empty();
    }

    @Override
    public void consentToEnd(ProcessIdentity holder) throws IOException {
        if (endable().filter(holder::equals).isEmpty()) {
            throw new IllegalStateException("process %d is not one to be asked about".formatted(holder.pid()));
        }
        var unused = new MarkerWriter(ports).write(holder, properties.handoffDeadline());
    }

    /** Asks, with the holder pinned and watched meanwhile. */
    private HandOver observed() {
        Optional<ProcessIdentity> holder =
                report.isSecondStart() ? report.holder().toOptional() : Optional.empty();
        Optional<PinnedProcess> pinned =
                holder.flatMap(identity -> ports.processes().pin(identity.pid()).toOptional());
        if (pinned.isEmpty()) {
            return ask();
        }
        try (PinnedProcess pin = pinned.get()) {
            return observed(holder.orElseThrow(), pin);
        }
    }

    private HandOver observed(ProcessIdentity holder, PinnedProcess pin) {
        BlockingQueue<String> exit = new LinkedBlockingQueue<>();
        pin.onExit(() -> exit.add("exit"));
        Observation<ProcessIdentity> before = pin.identity();
        if (before.toOptional()
                .filter(seen -> seen.start().equals(holder.start()))
                .isPresent()) {
            logger.debug("The running instance's window: " + pin.allowForeground());
        }
        HandOver result = ask();
        boolean isRead = result instanceof HandOver.Unanswered unanswered && unanswered.received();
        if (isRead || isStopped(before)) {
            judgement = judge(holder, pin, before, result, exit);
            logger.debug("Whether the running instance may be ended: " + judgement);
        }
        return result;
    }

    /**
     * Watches for a while: what the holder did to read the request, and to begin with it, is no sign that it goes on.
     */
    private Silence.Judgement judge(
            ProcessIdentity holder,
            PinnedProcess pin,
            Observation<ProcessIdentity> before,
            HandOver result,
            BlockingQueue<String> exit) {
        GuardClock clock = ports.clock();
        Observation<Long> listener = result instanceof HandOver.Unanswered unanswered && unanswered.received()
                ? ports.processes().listener(unanswered.socket())
                : Observation.unknown("the instance has not read it");
        long began = clock.nanoTime();
        Observation<Activity> earlier = pin.activity();
        awaitExit(clock, exit, began + OBSERVATION.toNanos());
        Duration lasted = Duration.ofNanos(clock.nanoTime() - began);
        Observation<Activity> later = pin.activity();
        Observation<Boolean> progress = earlier.toOptional().isPresent()
                ? later.map(now -> now.isProgressSince(earlier.toOptional().orElseThrow(), lasted))
                : Observation.unknown(earlier.shortfall());
        return new Silence(result, listener, holder, before, pin.identity(), progress, lasted).judge();
    }

    private static boolean isStopped(Observation<ProcessIdentity> seen) {
        return seen.toOptional()
                .filter(identity -> identity.state() == ExecutionState.STOPPED)
                .isPresent();
    }

    /**
     * Waits for the exit or the deadline, because a process that is stopped or idle for a moment only is not silent.
     */
    private static void awaitExit(GuardClock clock, BlockingQueue<String> exit, long deadline) {
        try {
            var unused = clock.poll(exit, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HandOver ask() {
        try {
            return LaunchGuard.on(ports)
                    .handOver(start, properties.secondStart().patience(), this::waiting);
        } finally {
            tell(LaunchListener::waited);
        }
    }

    private void waiting(Answer answer) {
        tell(listener -> listener.waiting(answer));
    }

    private void tell(Consumer<LaunchListener> news) {
        for (LaunchListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (Throwable t) {
                logger.warn("A launch listener failed; the start goes on", t);
            }
        }
    }
}
