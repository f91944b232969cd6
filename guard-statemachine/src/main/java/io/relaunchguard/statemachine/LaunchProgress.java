package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The state of a launch while it runs, and its report once it has ended. Give it to the launch as a listener.
 * Thread-safe.
 */
public final class LaunchProgress implements LaunchListener {

    private final List<Transition> transitions = new ArrayList<>();
    private final CompletableFuture<LaunchReport> ended = new CompletableFuture<>();
    private Optional<LifecycleState> state = Optional.empty();

    /** Returns the progress of a launch that has ended. */
    public static LaunchProgress of(LaunchReport report) {
        LaunchProgress progress = new LaunchProgress();
        report.transitions().forEach(progress::transitioned);
        report.timeline().forEach(visit -> progress.entered(visit.state()));
        progress.ended(report);
        return progress;
    }

    /** Returns the state that the launch is in; empty before the first. */
    public synchronized Optional<LifecycleState> state() {
        return state;
    }

    /** Returns the transitions taken so far. */
    public synchronized List<Transition> transitions() {
        return List.copyOf(transitions);
    }

    /** Returns the report of the launch; empty while it runs. */
    public Optional<LaunchReport> report() {
        return Optional.ofNullable(ended.getNow(null));
    }

    /** Calls {@code action} with the report: now if the launch has ended, else when it ends, on the launch's thread. */
    public void onEnded(Consumer<LaunchReport> action) {
        var unused = ended.thenAccept(action);
    }

    @Override
    public synchronized void entered(LifecycleState entered) {
        state = Optional.of(entered);
    }

    @Override
    public synchronized void transitioned(Transition transition) {
        transitions.add(transition);
    }

    @Override
    public void ended(LaunchReport report) {
        ended.complete(report);
    }
}
