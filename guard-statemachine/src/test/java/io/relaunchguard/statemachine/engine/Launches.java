package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.World;
import java.util.List;

/** Runs launches on the test's own thread and checks what must be so after each. */
final class Launches {

    private Launches() {}

    /** Runs one, checks that nothing is left open, and lets go of the launch lock. */
    static LaunchReport run(World world, LaunchListener... listeners) {
        EndedLaunch ended = runAndKeepHold(world, listeners);
        if (ended.hold() != null) {
            ended.hold().close();
        }
        assertThat(world.open).as("pins, watches and holds left open").isEmpty();
        assertThat(world.violations).isEmpty();
        return ended.report();
    }

    static EndedLaunch runAndKeepHold(World world, LaunchListener... listeners) {
        EndedLaunch ended =
                new Launch(world.ports(), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of(listeners)).run();
        if (ended.report().outcome() != Outcome.READY) {
            assertThat(ended.hold()).as("the launch lock of a refused launch").isNull();
        }
        return ended;
    }

    static List<LifecycleState> states(LaunchReport report) {
        return report.timeline().stream().map(StateVisit::state).toList();
    }

    /** Signals as they arrived, as {@code TERM@2000}. */
    static List<String> signals(World world) {
        return world.signals.stream()
                .map(signal -> "%s@%d".formatted(signal.signal(), signal.atMillis()))
                .toList();
    }

    /** The predicate for which the holder was spared. */
    static SafetyPredicate sparedFor(LaunchReport report) {
        return ((Verdict.Spare) report.verdict().orElseThrow()).reason().predicate();
    }

    static boolean reaped(LaunchReport report) {
        return report.verdict().orElseThrow() instanceof Verdict.Reap;
    }

    /** What holds for every signal that ends a process, in whatever world. */
    static void assertOnlyConsentingHoldersWereHit(World world) {
        assertThat(world.signals)
                .filteredOn(ReceivedSignal::reached)
                .allSatisfy(signal -> assertThat(signal.receiver().consented)
                        .as("%s to %s", signal.signal(), signal.receiver())
                        .isTrue());
    }
}
