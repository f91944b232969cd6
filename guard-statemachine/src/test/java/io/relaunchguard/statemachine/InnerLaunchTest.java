package io.relaunchguard.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A launch whose ancestor has the permit for the same profile. */
@Tag("H65")
class InnerLaunchTest {

    private final World world = new World();
    private final WorldProcess ancestor = world.process(90);

    @BeforeEach
    void anAncestorWasLetThrough() {
        world.launcher.parent = ancestor;
        world.letThrough(ancestor);
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.launchLockOwner = Observation.seen(ancestor.pid);
    }

    @Test
    void isPermittedAndRecordedInItsPlace() {
        try (LaunchPermit permit = LaunchGuard.on(world.ports()).launch().permitOrThrow()) {
            assertThat(permit.report().outcome()).isEqualTo(Outcome.READY);
            assertThat(world.record
                            .map(InstanceRecord::lock)
                            .map(SingletonLock::pid)
                            .is(world.launcher.pid))
                    .isTrue();
            assertThat(world.innerLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        }
        assertThat(world.innerLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.ANOTHER);
        assertThat(world.violations).isEmpty();
    }

    @Test
    void isPermittedWhereTheAncestorHasNamedAProcessBetweenThem() {
        WorldProcess shell = world.process(95);
        shell.parent = ancestor;
        world.launcher.parent = shell;
        world.letThrough(shell);
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    void isExplainedAsItWouldBeRun() {
        assertThat(LaunchGuard.on(world.ports()).explain().verdict().results())
                .filteredOn(result -> result.predicate() == SafetyPredicate.SOLE_LAUNCHER)
                .extracting(PredicateResult::result)
                .containsExactly(PredicateResult.Truth.HOLDS);
        assertThat(world.innerLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    @Test
    @Tag("H07")
    void isHeldWhereWhoeverHasTheLaunchLockIsNoAncestor() {
        world.launcher.parent = null;
        assertHeld();
    }

    @Test
    void isHeldWhereItCannotBeToldWhetherItIsAnAncestor() {
        ancestor.lineageKnown = false;
        assertHeld();
    }

    @Test
    void isHeldWhereTheLaunchLockNamesNobody() {
        world.launchLockOwner = Observation.unknown("it left no name");
        assertHeld();
    }

    @Test
    @Tag("H07")
    void isHeldWhereAnotherProcessBelowTheAncestorWasLetThrough() {
        world.innerLock = LaunchLockOwner.ANOTHER;
        assertHeld();
    }

    @Test
    @Tag("H41")
    void isHeldBesideAnInstanceThatIsNoAncestor() {
        world.letThrough(world.process(200));
        assertHeld();
    }

    @Test
    @Tag("H01")
    void isHeldBesideABrowserThatHasItsLock() {
        world.lockNames(world.process(200));
        assertHeld();
    }

    /** Another launcher may have got the launch lock before this process was recorded. */
    @Test
    @Tag("H07")
    void isNotPermittedByAnAncestorThatLetsGoMeanwhile() {
        LaunchReport report = LaunchGuard.on(world.ports())
                .withListener(new LaunchListener() {
                    @Override
                    public void entered(LifecycleState state) {
                        if (state == LifecycleState.READY) {
                            world.launchLockOwner = Observation.seen(200L);
                        }
                    }
                })
                .launch()
                .report();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.innerLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    private void assertHeld() {
        assertThat(launch().outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.innerLock).isNotEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        assertThat(world.signals).isEmpty();
    }

    private LaunchReport launch() {
        return LaunchGuard.on(world.ports()).launch().report();
    }
}
