package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No row of the table is there for show: each is taken by some launch in the world. */
class TransitionCoverageTest {

    private static final Set<Transition> taken = new HashSet<>();

    @BeforeAll
    static void runEverything() {
        for (Scenario scenario : Scenario.values()) {
            taken.addAll(Launches.run(scenario.world()).transitions());
        }
        World withdrawn = Scenario.WEDGED.world();
        withdrawn.after(1000, withdrawn::withdrawConsent);
        taken.addAll(Launches.run(withdrawn).transitions());
        World withdrawnLate = Scenario.WEDGED.world();
        withdrawnLate.after(3000, withdrawnLate::withdrawConsent);
        taken.addAll(Launches.run(withdrawnLate).transitions());
        World withdrawnAtLast = Scenario.WEDGED.world();
        withdrawnAtLast.hook = before(Port.MARKER_NOTE_REQUEST, withdrawnAtLast::withdrawConsent);
        taken.addAll(Launches.run(withdrawnAtLast).transitions());
        World takenAgain = Scenario.HEALTHY.world();
        takenAgain.after(300, takenAgain::removeLock);
        takenAgain.hook = before(Port.RECORD_READ, () -> {
            if (takenAgain.elapsedMillis() == 300 && takenAgain.at(300).isEmpty()) {
                takenAgain.lockNames(takenAgain.process(300));
            }
        });
        taken.addAll(Launches.run(takenAgain).transitions());
        for (LifecycleState state : LifecycleState.values()) {
            taken.addAll(brokenOnEntering(state, Scenario.WEDGED).transitions());
        }
        taken.addAll(brokenOnEntering(LifecycleState.PREFLIGHT, Scenario.MARKER_BUT_NO_LOCK)
                .transitions());
        taken.addAll(
                brokenOnEntering(LifecycleState.PREFLIGHT, Scenario.HEALTHY).transitions());
    }

    static List<Transition> rows() {
        return LifecycleTable.TRANSITIONS;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyRowIsTakenBySomeLaunch(Transition row) {
        assertThat(taken).contains(row);
    }

    @Test
    void noLaunchTakesATransitionThatIsNotInTheTable() {
        assertThat(LifecycleTable.TRANSITIONS).containsAll(taken);
    }

    private static CallHook before(Port wanted, Runnable move) {
        return new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == wanted) {
                    move.run();
                }
            }
        };
    }

    /** The first call of a port after the state was entered throws. */
    private static LaunchReport brokenOnEntering(LifecycleState wanted, Scenario scenario) {
        World world = scenario.world();
        boolean[] due = {false};
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (due[0] && port.mayThrow()) {
                    due[0] = false;
                    throw new IllegalStateException("broken in " + wanted);
                }
            }
        };
        return Launches.run(world, new LaunchListener() {
            @Override
            public void entered(LifecycleState state) {
                due[0] = state == wanted;
            }
        });
    }
}
