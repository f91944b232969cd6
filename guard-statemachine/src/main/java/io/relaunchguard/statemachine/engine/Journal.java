package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.FaultText;
import io.relaunchguard.core.PrintableText;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.secondstart.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** The journal of one launch: it keeps what happened, and tells the listeners as it happens. */
final class Journal {

    private static final Log logger = LogFactory.getLog(Journal.class);

    private final GuardClock clock;
    private final List<LaunchListener> listeners;
    private final List<StateVisit> visits = new ArrayList<>();
    private final List<Transition> transitions = new ArrayList<>();
    private final List<SentSignal> signals = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private long enteredAt;

    Journal(GuardClock clock, List<LaunchListener> listeners) {
        this.clock = clock;
        this.listeners = List.copyOf(listeners);
    }

    void transitioned(Transition transition) {
        transitions.add(transition);
        tell(listener -> listener.transitioned(transition));
    }

    void entered(LifecycleState state) {
        long now = enteredAt;
        Instant wall =
                visits.isEmpty() ? Instant.EPOCH : visits.get(visits.size() - 1).enteredAt();
        try {
            now = clock.nanoTime();
            wall = clock.now();
        } finally {
            // Tell the listeners of the visit even when the clock is broken.
            if (!visits.isEmpty()) {
                StateVisit last = visits.remove(visits.size() - 1);
                visits.add(new StateVisit(last.state(), last.enteredAt(), Duration.ofNanos(now - enteredAt)));
            }
            visits.add(new StateVisit(state, wall, Duration.ZERO));
            enteredAt = now;
            tell(listener -> listener.entered(state));
        }
    }

    void signalled(List<SentSignal> sent) {
        for (SentSignal signal : sent) {
            signals.add(signal);
            tell(listener -> listener.signalled(signal));
        }
    }

    /** Notes that the launch waits for an instance that is closing. */
    void waitsForClosing() {
        tell(listener -> listener.waiting(Answer.CLOSING));
    }

    void broke(Throwable fault) {
        logger.warn("The launch guard failed; it signals no process from here on", fault);
        faults.add(FaultText.of(fault));
    }

    /** Runs an action that may break, without letting that stop the launch. */
    void quietly(Runnable action) {
        try {
            action.run();
        } catch (Throwable t) {
            broke(t);
        }
    }

    /** Returns the answer to a question that may break, and the other value if it breaks. */
    <T> T ask(Supplier<T> question, T otherwise) {
        try {
            return question.get();
        } catch (Throwable t) {
            broke(t);
            return otherwise;
        }
    }

    void ended(LaunchReport report) {
        logger.info("Launch " + report.outcome() + ": " + PrintableText.of(report.summary()));
        if (report.update() instanceof UpdateEffect.NotApplied) {
            logger.warn(PrintableText.of(report.update().sentence()));
        } else if (!(report.update() instanceof UpdateEffect.None)) {
            logger.info(PrintableText.of(report.update().sentence()));
        }
        tell(listener -> listener.ended(report));
    }

    List<StateVisit> visits() {
        return visits;
    }

    List<Transition> transitions() {
        return transitions;
    }

    List<SentSignal> signals() {
        return signals;
    }

    List<String> faults() {
        return faults;
    }

    private void tell(Consumer<LaunchListener> news) {
        for (LaunchListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (Throwable t) {
                logger.warn("A launch listener failed; the launch goes on", t);
            }
        }
    }
}
