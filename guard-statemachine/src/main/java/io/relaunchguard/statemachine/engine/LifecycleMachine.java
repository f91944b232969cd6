package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.LifecycleTable.Trigger;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lifecycle.TransitionGuard;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import org.springframework.statemachine.config.builders.StateMachineTransitionConfigurer;
import org.springframework.statemachine.config.configurers.ChoiceTransitionConfigurer;
import org.springframework.statemachine.config.configurers.ExternalTransitionConfigurer;
import org.springframework.statemachine.config.configurers.StateConfigurer;
import org.springframework.statemachine.guard.Guard;
import org.springframework.statemachine.transition.TransitionConflictPolicy;
import reactor.core.publisher.Mono;

/**
 * The {@link LifecycleTable} as a Spring state machine, for one launch.
 *
 * <p>Spring Statemachine is only deterministic under a discipline, see ADR 1. There is one transition for each (state,
 * event), with a choice behind it where the table has several rows. There are no anonymous transitions, timers or
 * reactive actions. All calls come from one thread, and never from within an entry action. The caller does not rely on
 * the machine's word that it accepted an event: the machine handled an event if, and only if, it entered a state.
 */
final class LifecycleMachine {

    /**
     * A state of the Spring machine: a state of the lifecycle, or the choice behind a trigger with several rows. Its
     * text is short, because Spring Statemachine makes texts of all its states for each log line, even for a line that
     * is not written.
     */
    sealed interface Node {

        /** A state of the lifecycle. */
        record State(LifecycleState state) implements Node {

            @Override
            public String toString() {
                return state.name();
            }
        }

        /** The choice behind a trigger with several rows. */
        record Branch(Trigger trigger) implements Node {

            @Override
            public String toString() {
                return trigger.source().name() + "/" + trigger.event().name();
            }
        }
    }

    private final StateMachine<Node, LifecycleEvent> machine;
    private final Consumer<Transition> onEntry;
    private @Nullable Transition taken;
    private long entries;

    /**
     * Builds the machine.
     *
     * @param state the state that the launch is in; its work has been done
     * @param guards decides a guard, from what was last seen
     * @param onEntry does the work of the target of the row that was taken; called on the thread that sends the event;
     *     must not throw
     */
    LifecycleMachine(LifecycleState state, Predicate<TransitionGuard> guards, Consumer<Transition> onEntry) {
        this.onEntry = onEntry;
        try {
            this.machine = build(state, guards);
        } catch (Exception e) {
            throw new IllegalStateException("the state machine cannot be built from the table", e);
        }
    }

    /** Starts the machine, so that it takes events. */
    void start() {
        machine.startReactively().block();
    }

    /**
     * Sends an event and does the work of the state it leads to.
     *
     * @throws IllegalStateException if the current state has no row for the event
     */
    void send(LifecycleEvent event) {
        long before = entries;
        machine.sendEvent(Mono.just(MessageBuilder.withPayload(event).build())).blockLast();
        if (entries == before) {
            throw new IllegalStateException("the state machine did not follow " + event);
        }
    }

    /** Returns the state that the launch is in. */
    LifecycleState state() {
        return ((Node.State) machine.getState().getId()).state();
    }

    /** Returns the Spring machine itself, for tests that compare it with the table. */
    StateMachine<Node, LifecycleEvent> spring() {
        return machine;
    }

    /** Enters the target of the row that was taken. The entry into the first state is by no row. */
    private void enter() {
        Transition row = taken;
        taken = null;
        if (row != null) {
            entries++;
            onEntry.accept(row);
        }
    }

    private StateMachine<Node, LifecycleEvent> build(LifecycleState first, Predicate<TransitionGuard> guards)
            throws Exception {
        Map<Trigger, List<Transition>> rows = LifecycleTable.byTrigger();
        StateMachineBuilder.Builder<Node, LifecycleEvent> builder = StateMachineBuilder.builder();
        builder.configureConfiguration()
                .withConfiguration()
                .machineId("relaunch-guard")
                .beanFactory(new StaticListableBeanFactory())
                .transitionConflictPolicy(TransitionConflictPolicy.PARENT)
                .autoStartup(false);
        StateConfigurer<Node, LifecycleEvent> states = builder.configureStates().withStates();
        states.initial(new Node.State(first));
        for (LifecycleState state : LifecycleState.values()) {
            Node node = new Node.State(state);
            states.stateEntry(node, context -> enter());
            if (state.isEnd()) {
                states.end(node);
            }
        }
        StateMachineTransitionConfigurer<Node, LifecycleEvent> transitions = builder.configureTransitions();
        for (Map.Entry<Trigger, List<Transition>> entry : rows.entrySet()) {
            Trigger trigger = entry.getKey();
            Transition only = entry.getValue().get(0);
            ExternalTransitionConfigurer<Node, LifecycleEvent> transition = transitions
                    .withExternal()
                    .source(new Node.State(trigger.source()))
                    .event(trigger.event());
            if (entry.getValue().size() == 1) {
                transition.target(new Node.State(only.target())).action(context -> taken = only);
            } else {
                Node branch = new Node.Branch(trigger);
                states.choice(branch);
                transition.target(branch);
                branch(transitions.withChoice(), branch, entry.getValue(), guards);
            }
        }
        return builder.build();
    }

    private void branch(
            ChoiceTransitionConfigurer<Node, LifecycleEvent> choice,
            Node source,
            List<Transition> rows,
            Predicate<TransitionGuard> guards) {
        choice.source(source);
        int last = rows.size() - 1;
        for (int i = 0; i < last; i++) {
            Transition row = rows.get(i);
            Node target = new Node.State(row.target());
            Guard<Node, LifecycleEvent> guard = context -> guards.test(row.guard());
            if (i == 0) {
                choice.first(target, guard, context -> taken = row);
            } else {
                choice.then(target, guard, context -> taken = row);
            }
        }
        choice.last(new Node.State(rows.get(last).target()), context -> taken = rows.get(last));
    }
}
