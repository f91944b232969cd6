package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LifecycleEvent;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lifecycle.TransitionGuard;
import io.relaunchguard.statemachine.engine.LifecycleMachine.Node;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.test.StateMachineTestPlanBuilder;

/** The Spring machine is the table: the same edges, and no others. */
class LifecycleMachineTest {

    private static final List<Set<TransitionGuard>> ASSIGNMENTS = assignments();

    /** Where an event leads in a state when exactly these guards are true; nowhere if it is refused. */
    private record Situation(LifecycleState state, LifecycleEvent event, Set<TransitionGuard> guards) {}

    @Test
    void everyEventInEveryStateUnderEveryGuardLeadsWhereTheTableSays() {
        assertThat(differences(machineBehaviour(), LifecycleTable.TRANSITIONS)).isEmpty();
    }

    @Test
    void theComparisonNoticesEveryRowThatIsMissingAddedOrLeadsElsewhere() {
        Map<Situation, Optional<Transition>> machine = machineBehaviour();
        for (Transition row : LifecycleTable.TRANSITIONS) {
            List<Transition> without = new ArrayList<>(LifecycleTable.TRANSITIONS);
            without.remove(row);
            assertThat(differences(machine, without)).as("without %s", row).isNotEmpty();

            List<Transition> elsewhere = new ArrayList<>(LifecycleTable.TRANSITIONS);
            LifecycleState other = row.target() == LifecycleState.HELD ? LifecycleState.READY : LifecycleState.HELD;
            elsewhere.set(elsewhere.indexOf(row), new Transition(row.source(), row.event(), row.guard(), other));
            assertThat(differences(machine, elsewhere))
                    .as("another target for %s", row)
                    .isNotEmpty();
        }
        List<Transition> more = new ArrayList<>(LifecycleTable.TRANSITIONS);
        more.add(new Transition(
                LifecycleState.KILL, LifecycleEvent.CACHE_FREE, TransitionGuard.OTHERWISE, LifecycleState.READY));
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
                .containsExactlyInAnyOrder(LifecycleState.values());
    }

    @Test
    void aGuardIsAskedOnceAndOnlyWhereItStands() {
        List<TransitionGuard> asked = new ArrayList<>();
        LifecycleMachine machine = new LifecycleMachine(
                LifecycleState.MARKER_CHECK,
                guard -> {
                    asked.add(guard);
                    return true;
                },
                row -> {});
        machine.start();
        machine.send(LifecycleEvent.MARKER_READ);
        machine.send(LifecycleEvent.FACTS_READ);
        assertThat(asked).isEmpty();
        machine.send(LifecycleEvent.DECIDED);
        assertThat(asked).containsExactly(TransitionGuard.ALL_PREDICATES_HOLD);
    }

    @Test
    void aTestPlanWalksTheWholePathThroughForceToReady() throws Exception {
        plan(machine(EnumSet.of(TransitionGuard.ALL_PREDICATES_HOLD, TransitionGuard.STILL_FREE))
                        .spring())
                .step()
                .expectState(new Node.State(LifecycleState.START))
                .and()
                .step()
                .sendEvent(LifecycleEvent.PROFILE_READ)
                .expectState(new Node.State(LifecycleState.MARKER_CHECK))
                .and()
                .step()
                .sendEvent(LifecycleEvent.MARKER_READ)
                .expectStateEntered(new Node.State(LifecycleState.HOLDER_READ))
                .and()
                .step()
                .sendEvent(LifecycleEvent.FACTS_READ)
                .expectState(new Node.State(LifecycleState.DECIDE))
                .and()
                .step()
                .sendEvent(LifecycleEvent.DECIDED)
                .expectState(new Node.State(LifecycleState.TEARDOWN_GRACE))
                .and()
                .step()
                .sendEvent(LifecycleEvent.PROGRESS_SEEN)
                .expectStateEntered(new Node.State(LifecycleState.TEARDOWN_GRACE))
                .and()
                .step()
                .sendEvent(LifecycleEvent.WAIT_ELAPSED)
                .expectState(new Node.State(LifecycleState.TERM))
                .and()
                .step()
                .sendEvent(LifecycleEvent.WAIT_ELAPSED)
                .expectState(new Node.State(LifecycleState.REVALIDATE))
                .and()
                .step()
                .sendEvent(LifecycleEvent.FACTS_READ)
                .expectState(new Node.State(LifecycleState.KILL))
                .and()
                .step()
                .sendEvent(LifecycleEvent.HOLDER_EXITED)
                .expectState(new Node.State(LifecycleState.PREFLIGHT))
                .and()
                .step()
                .sendEvent(LifecycleEvent.CACHE_FREE)
                .expectStateEntered(new Node.State(LifecycleState.READY))
                .and()
                .build()
                .test();
    }

    @Test
    void aTestPlanWalksTheSparingPathToHeld() throws Exception {
        plan(machine(EnumSet.noneOf(TransitionGuard.class)).spring())
                .step()
                .expectState(new Node.State(LifecycleState.START))
                .and()
                .step()
                .sendEvent(LifecycleEvent.PROFILE_READ)
                .expectState(new Node.State(LifecycleState.MARKER_CHECK))
                .and()
                .step()
                .sendEvent(LifecycleEvent.MARKER_READ)
                .expectState(new Node.State(LifecycleState.HOLDER_READ))
                .and()
                .step()
                .sendEvent(LifecycleEvent.FACTS_READ)
                .expectState(new Node.State(LifecycleState.DECIDE))
                .and()
                .step()
                .sendEvent(LifecycleEvent.DECIDED)
                .expectState(new Node.State(LifecycleState.PREFLIGHT))
                .and()
                .step()
                .sendEvent(LifecycleEvent.WAIT_ELAPSED)
                .expectStateEntered(new Node.State(LifecycleState.HELD))
                .and()
                .build()
                .test();
    }

    private static StateMachineTestPlanBuilder<Node, LifecycleEvent> plan(StateMachine<Node, LifecycleEvent> machine) {
        return StateMachineTestPlanBuilder.<Node, LifecycleEvent>builder()
                .defaultAwaitTime(2)
                .stateMachine(machine);
    }

    private static LifecycleMachine machine(Set<TransitionGuard> guards) {
        return new LifecycleMachine(LifecycleTable.INITIAL, guards::contains, row -> {});
    }

    private static List<String> differences(Map<Situation, Optional<Transition>> machine, List<Transition> table) {
        List<String> differences = new ArrayList<>();
        machine.forEach((situation, taken) -> {
            Optional<Transition> expected = table.stream()
                    .filter(row -> row.source() == situation.state()
                            && row.event() == situation.event()
                            && (row.guard() == TransitionGuard.OTHERWISE
                                    || situation.guards().contains(row.guard())))
                    .findFirst();
            if (!expected.equals(taken)) {
                differences.add("%s: table %s, machine %s".formatted(situation, expected, taken));
            }
        });
        return differences;
    }

    /** What the real machine does with every event in every state under every assignment of the guards. */
    private static Map<Situation, Optional<Transition>> machineBehaviour() {
        Map<Situation, Optional<Transition>> behaviour = new LinkedHashMap<>();
        for (LifecycleState state : LifecycleState.values()) {
            for (LifecycleEvent event : LifecycleEvent.values()) {
                for (Set<TransitionGuard> guards : ASSIGNMENTS) {
                    Situation situation = new Situation(state, event, guards);
                    behaviour.put(situation, follow(situation));
                }
            }
        }
        return behaviour;
    }

    private static Optional<Transition> follow(Situation situation) {
        List<Transition> taken = new ArrayList<>();
        LifecycleMachine machine = new LifecycleMachine(situation.state(), situation.guards()::contains, taken::add);
        machine.start();
        assertThat(taken).as("its work has been done").isEmpty();
        assertThat(machine.state()).isEqualTo(situation.state());
        try {
            machine.send(situation.event());
        } catch (IllegalStateException refused) {
            assertThat(taken).as("%s was refused", situation).isEmpty();
            assertThat(machine.state()).isEqualTo(situation.state());
            return Optional.empty();
        }
        assertThat(taken).as("%s", situation).hasSize(1);
        Transition row = taken.get(0);
        if (!row.target().isEnd()) {
            assertThat(machine.state()).isEqualTo(row.target());
        }
        return Optional.of(row);
    }

    private static List<Set<TransitionGuard>> assignments() {
        List<Set<TransitionGuard>> assignments = new ArrayList<>();
        assignments.add(EnumSet.noneOf(TransitionGuard.class));
        for (TransitionGuard guard : EnumSet.complementOf(EnumSet.of(TransitionGuard.OTHERWISE))) {
            for (Set<TransitionGuard> without : List.copyOf(assignments)) {
                EnumSet<TransitionGuard> with = EnumSet.of(guard);
                with.addAll(without);
                assignments.add(with);
            }
        }
        return List.copyOf(assignments);
    }
}
