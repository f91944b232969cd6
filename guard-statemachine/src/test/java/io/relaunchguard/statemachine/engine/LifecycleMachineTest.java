package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LaunchEvent;
import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.LifecycleTable.Trigger;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lifecycle.TransitionGuard;
import io.relaunchguard.statemachine.engine.LifecycleMachine.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.test.StateMachineTestPlanBuilder;

/** The Spring machine is the table: the same edges, and no others. */
class LifecycleMachineTest {

    private static final List<Set<TransitionGuard>> ASSIGNMENTS = List.of(
            Set.of(),
            Set.of(TransitionGuard.ALL_PREDICATES_HOLD),
            Set.of(TransitionGuard.PROFILE_FREE),
            Set.of(TransitionGuard.ALL_PREDICATES_HOLD, TransitionGuard.PROFILE_FREE));

    /** Where an event leads in a state when exactly these guards are true; nowhere if it is refused. */
    private record Situation(LaunchState state, LaunchEvent event, Set<TransitionGuard> guards) {}

    @Test
    void everyEventInEveryStateUnderEveryGuardLeadsWhereTheTableSays() {
        assertThat(differences(machineBehaviour(), LifecycleTable.TRANSITIONS)).isEmpty();
    }

    @Test
    void aLaunchFollowsTheSameTable() {
        assertThat(differences(lifecycleBehaviour(), LifecycleTable.TRANSITIONS))
                .isEmpty();
    }

    @Test
    void theComparisonNoticesEveryRowThatIsMissingAddedOrLeadsElsewhere() {
        Map<Situation, Optional<LaunchState>> machine = machineBehaviour();
        for (Transition row : LifecycleTable.TRANSITIONS) {
            List<Transition> without = new ArrayList<>(LifecycleTable.TRANSITIONS);
            without.remove(row);
            assertThat(differences(machine, without)).as("without %s", row).isNotEmpty();

            List<Transition> elsewhere = new ArrayList<>(LifecycleTable.TRANSITIONS);
            LaunchState other = row.target() == LaunchState.HELD ? LaunchState.READY : LaunchState.HELD;
            elsewhere.set(elsewhere.indexOf(row), new Transition(row.source(), row.event(), row.guard(), other));
            assertThat(differences(machine, elsewhere))
                    .as("another target for %s", row)
                    .isNotEmpty();
        }
        List<Transition> more = new ArrayList<>(LifecycleTable.TRANSITIONS);
        more.add(
                new Transition(LaunchState.KILL, LaunchEvent.CACHE_FREE, TransitionGuard.OTHERWISE, LaunchState.READY));
        assertThat(differences(machine, more)).isNotEmpty();
    }

    @Test
    void theMachineHasOneTransitionForEachTriggerAndNoOthers() {
        Map<String, String> expected = new TreeMap<>();
        LifecycleTable.byTrigger()
                .forEach((trigger, rows) -> expected.put(
                        trigger.source() + " " + trigger.event(),
                        rows.size() == 1
                                ? new Node.State(rows.get(0).target()).toString()
                                : new Node.Branch(trigger).toString()));
        Map<String, String> built = new TreeMap<>();
        for (var transition :
                machine(EnumSet.noneOf(TransitionGuard.class)).spring().getTransitions()) {
            Node.State source = (Node.State) transition.getSource().getId();
            String trigger = source.state() + " " + transition.getTrigger().getEvent();
            assertThat(built.put(trigger, transition.getTarget().getId().toString()))
                    .as("a second transition for %s", trigger)
                    .isNull();
        }
        assertThat(built).isEqualTo(expected);
    }

    @Test
    void everyStateOfTheLifecycleIsAStateOfTheMachine() {
        assertThat(machine(EnumSet.noneOf(TransitionGuard.class)).spring().getStates())
                .map(state -> state.getId())
                .filteredOn(Node.State.class::isInstance)
                .map(node -> ((Node.State) node).state())
                .containsExactlyInAnyOrder(LaunchState.values());
    }

    @Test
    void aGuardIsAskedOnceAndOnlyWhereItStands() {
        List<TransitionGuard> asked = new ArrayList<>();
        LifecycleMachine machine = new LifecycleMachine(
                LifecycleTable.INITIAL,
                guard -> {
                    asked.add(guard);
                    return true;
                },
                state -> {});
        machine.start();
        machine.send(LaunchEvent.MARKER_READ);
        machine.send(LaunchEvent.FACTS_READ);
        assertThat(asked).isEmpty();
        machine.send(LaunchEvent.DECIDED);
        assertThat(asked).containsExactly(TransitionGuard.ALL_PREDICATES_HOLD);
    }

    @Test
    void theMachineIsMadeWhenTheFirstGuardHolds() {
        EnumSet<TransitionGuard> truths = EnumSet.noneOf(TransitionGuard.class);
        Lifecycle spared = new Lifecycle(truths::contains, state -> {});
        spared.start();
        spared.send(LaunchEvent.MARKER_READ);
        spared.send(LaunchEvent.FACTS_READ);
        spared.send(LaunchEvent.DECIDED);
        assertThat(spared.hasMachine()).isFalse();

        Lifecycle chosen = new Lifecycle(guard -> guard == TransitionGuard.ALL_PREDICATES_HOLD, state -> {});
        chosen.start();
        chosen.send(LaunchEvent.MARKER_READ);
        chosen.send(LaunchEvent.FACTS_READ);
        assertThat(chosen.hasMachine()).isFalse();
        chosen.send(LaunchEvent.DECIDED);
        assertThat(chosen.hasMachine()).isTrue();

        truths.add(TransitionGuard.PROFILE_FREE);
        spared.send(LaunchEvent.FAULT);
        assertThat(spared.hasMachine()).isTrue();
    }

    /** Every signal is sent in a state that the machine has chosen. */
    @Test
    void noUnguardedRowsLeadToAStateThatSignals() {
        Set<LaunchState> reached = EnumSet.of(LifecycleTable.INITIAL);
        for (int before = 0; before < reached.size(); ) {
            before = reached.size();
            LifecycleTable.TRANSITIONS.stream()
                    .filter(row -> reached.contains(row.source()) && row.guard() == TransitionGuard.OTHERWISE)
                    .map(Transition::target)
                    .forEach(reached::add);
        }
        assertThat(reached)
                .containsExactlyInAnyOrder(
                        LaunchState.MARKER_CHECK,
                        LaunchState.HOLDER_READ,
                        LaunchState.DECIDE,
                        LaunchState.PREFLIGHT,
                        LaunchState.READY,
                        LaunchState.HELD,
                        LaunchState.FAILED);
    }

    @Test
    void aTestPlanWalksTheWholePathThroughForceToReady() throws Exception {
        plan(machine(EnumSet.of(TransitionGuard.ALL_PREDICATES_HOLD)).spring())
                .step()
                .expectState(new Node.State(LaunchState.MARKER_CHECK))
                .and()
                .step()
                .sendEvent(LaunchEvent.MARKER_READ)
                .expectStateEntered(new Node.State(LaunchState.HOLDER_READ))
                .and()
                .step()
                .sendEvent(LaunchEvent.FACTS_READ)
                .expectState(new Node.State(LaunchState.DECIDE))
                .and()
                .step()
                .sendEvent(LaunchEvent.DECIDED)
                .expectState(new Node.State(LaunchState.TEARDOWN_GRACE))
                .and()
                .step()
                .sendEvent(LaunchEvent.PROGRESS_SEEN)
                .expectStateEntered(new Node.State(LaunchState.TEARDOWN_GRACE))
                .and()
                .step()
                .sendEvent(LaunchEvent.WAIT_ELAPSED)
                .expectState(new Node.State(LaunchState.TERM))
                .and()
                .step()
                .sendEvent(LaunchEvent.WAIT_ELAPSED)
                .expectState(new Node.State(LaunchState.REVALIDATE))
                .and()
                .step()
                .sendEvent(LaunchEvent.FACTS_READ)
                .expectState(new Node.State(LaunchState.KILL))
                .and()
                .step()
                .sendEvent(LaunchEvent.HOLDER_EXITED)
                .expectState(new Node.State(LaunchState.PREFLIGHT))
                .and()
                .step()
                .sendEvent(LaunchEvent.CACHE_FREE)
                .expectStateEntered(new Node.State(LaunchState.READY))
                .and()
                .build()
                .test();
    }

    @Test
    void aTestPlanWalksTheSparingPathToHeld() throws Exception {
        plan(machine(EnumSet.noneOf(TransitionGuard.class)).spring())
                .step()
                .expectState(new Node.State(LaunchState.MARKER_CHECK))
                .and()
                .step()
                .sendEvent(LaunchEvent.MARKER_READ)
                .expectState(new Node.State(LaunchState.HOLDER_READ))
                .and()
                .step()
                .sendEvent(LaunchEvent.FACTS_READ)
                .expectState(new Node.State(LaunchState.DECIDE))
                .and()
                .step()
                .sendEvent(LaunchEvent.DECIDED)
                .expectState(new Node.State(LaunchState.PREFLIGHT))
                .and()
                .step()
                .sendEvent(LaunchEvent.WAIT_ELAPSED)
                .expectStateEntered(new Node.State(LaunchState.HELD))
                .and()
                .build()
                .test();
    }

    private static StateMachineTestPlanBuilder<Node, LaunchEvent> plan(StateMachine<Node, LaunchEvent> machine) {
        return StateMachineTestPlanBuilder.<Node, LaunchEvent>builder()
                .defaultAwaitTime(2)
                .stateMachine(machine);
    }

    private static LifecycleMachine machine(Set<TransitionGuard> guards) {
        return new LifecycleMachine(LifecycleTable.INITIAL, guards::contains, state -> {});
    }

    private static List<String> differences(Map<Situation, Optional<LaunchState>> machine, List<Transition> table) {
        List<String> differences = new ArrayList<>();
        machine.forEach((situation, target) -> {
            Optional<LaunchState> expected = table.stream()
                    .filter(row -> row.source() == situation.state()
                            && row.event() == situation.event()
                            && (row.guard() == TransitionGuard.OTHERWISE
                                    || situation.guards().contains(row.guard())))
                    .findFirst()
                    .map(Transition::target);
            if (!expected.equals(target)) {
                differences.add("%s: table %s, machine %s".formatted(situation, expected, target));
            }
        });
        return differences;
    }

    /** What the real machine does with every event in every state under every assignment of the guards. */
    private static Map<Situation, Optional<LaunchState>> machineBehaviour() {
        return behaviour(LifecycleMachineTest::follow);
    }

    /** What a launch does with them, once it has got into the state from its start. */
    private static Map<Situation, Optional<LaunchState>> lifecycleBehaviour() {
        Map<LaunchState, List<Transition>> paths = paths();
        assertThat(paths.keySet()).as("reachable states").containsExactlyInAnyOrder(LaunchState.values());
        return behaviour(situation -> follow(paths.get(situation.state()), situation));
    }

    private static Map<Situation, Optional<LaunchState>> behaviour(Function<Situation, Optional<LaunchState>> follow) {
        Map<Situation, Optional<LaunchState>> behaviour = new LinkedHashMap<>();
        for (LaunchState state : LaunchState.values()) {
            for (LaunchEvent event : LaunchEvent.values()) {
                for (Set<TransitionGuard> guards : ASSIGNMENTS) {
                    Situation situation = new Situation(state, event, guards);
                    behaviour.put(situation, follow.apply(situation));
                }
            }
        }
        return behaviour;
    }

    private static Optional<LaunchState> follow(Situation situation) {
        List<LaunchState> entered = new ArrayList<>();
        LifecycleMachine machine = new LifecycleMachine(situation.state(), situation.guards()::contains, entered::add);
        machine.start();
        assertThat(entered).as("its work has been done").isEmpty();
        Optional<LaunchState> next = next(situation, machine::send, entered);
        LaunchState now = next.orElse(situation.state());
        if (!now.isEnd()) {
            assertThat(machine.spring().getState().getId()).isEqualTo(new Node.State(now));
        }
        return next;
    }

    private static Optional<LaunchState> follow(List<Transition> path, Situation situation) {
        EnumSet<TransitionGuard> truths = EnumSet.noneOf(TransitionGuard.class);
        List<LaunchState> entered = new ArrayList<>();
        Lifecycle lifecycle = new Lifecycle(truths::contains, entered::add);
        lifecycle.start();
        for (Transition row : path) {
            truths.clear();
            truths.add(row.guard());
            lifecycle.send(row.event());
        }
        assertThat(entered.get(entered.size() - 1)).isEqualTo(situation.state());
        truths.clear();
        truths.addAll(situation.guards());
        entered.clear();
        return next(situation, lifecycle::send, entered);
    }

    private static Optional<LaunchState> next(
            Situation situation, Consumer<LaunchEvent> send, List<LaunchState> entered) {
        try {
            send.accept(situation.event());
        } catch (IllegalStateException refused) {
            assertThat(entered).as("%s was refused", situation).isEmpty();
            return Optional.empty();
        }
        assertThat(entered).as("%s", situation).hasSize(1);
        return Optional.of(entered.get(0));
    }

    /** A shortest path of rows to every state. */
    private static Map<LaunchState, List<Transition>> paths() {
        Map<LaunchState, List<Transition>> paths = new EnumMap<>(LaunchState.class);
        paths.put(LifecycleTable.INITIAL, List.of());
        Deque<LaunchState> next = new ArrayDeque<>(List.of(LifecycleTable.INITIAL));
        while (!next.isEmpty()) {
            LaunchState at = next.remove();
            for (Map.Entry<Trigger, List<Transition>> entry :
                    LifecycleTable.byTrigger().entrySet()) {
                for (Transition row : entry.getValue()) {
                    if (row.source() == at && !paths.containsKey(row.target())) {
                        List<Transition> path = new ArrayList<>(paths.get(at));
                        path.add(row);
                        paths.put(row.target(), List.copyOf(path));
                        next.add(row.target());
                    }
                }
            }
        }
        return paths;
    }
}
