package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;
import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lifecycle.TransitionGuard;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a launch is, and what moves it on: the Spring machine, which is made when the first guard holds. Before that there is
 * nothing to choose, the unguarded rows of the table are followed, and Spring Statemachine is not even loaded, see ADR 19. No
 * unguarded row leads from there to a signal.
 */
final class Lifecycle {

    private final Predicate<TransitionGuard> guards;
    private final Consumer<LaunchState> onEntry;
    private LaunchState state = LifecycleTable.INITIAL;
    private @Nullable LifecycleMachine machine;

    /**
     * At the start of a launch.
     *
     * @param guards decides a guard, from what was last seen
     * @param onEntry does a state's work; called on the thread that starts it or sends the event; must not throw
     */
    Lifecycle(Predicate<TransitionGuard> guards, Consumer<LaunchState> onEntry) {
        this.guards = guards;
        this.onEntry = onEntry;
    }

    /** Enters the initial state. */
    void start() {
        enter(state);
    }

    /**
     * Sends an event and does the work of the state it leads to.
     *
     * @throws IllegalStateException if the current state has no row for the event
     */
    void send(LaunchEvent event) {
        List<Transition> rows = LifecycleTable.TRANSITIONS.stream()
                .filter(row -> row.source() == state && row.event() == event)
                .toList();
        if (machine == null && !rows.isEmpty() && rows.stream().noneMatch(this::isChosen)) {
            enter(rows.get(rows.size() - 1).target());
        } else {
            machine().send(event);
        }
    }

    /** Whether a Spring machine has been needed. */
    boolean hasMachine() {
        return machine != null;
    }

    private boolean isChosen(Transition row) {
        return row.guard() != TransitionGuard.OTHERWISE && guards.test(row.guard());
    }

    private LifecycleMachine machine() {
        if (machine == null) {
            machine = new LifecycleMachine(state, guards, this::enter);
            machine.start();
        }
        return machine;
    }

    private void enter(LaunchState entered) {
        state = entered;
        onEntry.accept(entered);
    }
}
