package io.relaunchguard.statemachine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application sees: a permit or none, and a look without touching. */
class LaunchGuardTest {

    @AfterEach
    void thisIsThePlatform() {
        WorldPlatform.reset();
    }

    @Test
    @Tag("H07")
    void readyYieldsAPermitThatHoldsTheLaunchLockUntilItIsClosed() {
        World world = Scenario.WEDGED.world();
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        assertThat(result).isInstanceOf(LaunchResult.Permitted.class);
        assertThat(result.report().outcome()).isEqualTo(Outcome.READY);
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        LaunchPermit permit = ((LaunchResult.Permitted) result).permit();
        assertThat(permit.report()).isSameAs(result.report());
        permit.close();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        world.launchLock = LaunchLockOwner.ANOTHER;
        permit.close();
        assertThat(world.launchLock).as("the next launcher's").isEqualTo(LaunchLockOwner.ANOTHER);
        assertThat(world.open).isEmpty();
    }

    @Test
    @Tag("H26")
    void aPermitWithoutALaunchLockCanBeClosed() {
        LaunchResult result =
                LaunchGuard.on(Scenario.NO_LAUNCH_LOCK_POSSIBLE.world().ports()).launch();
        ((LaunchResult.Permitted) result).permit().close();
        assertThat(result.report().outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H51")
    void saysWhetherTheUpdateHasTakenEffect() {
        assertThat(launchedBy(LaunchGuard.on(Scenario.WEDGED.world().ports()).withVersion("1.5")))
                .isEqualTo(new UpdateEffect.Applied("1.5"));
        assertThat(launchedBy(LaunchGuard.on(Scenario.WEDGED.world().ports())
                        .withVersion("1.4")
                        .withPolicy(LaunchPolicy.DEFAULT)
                        .withListener(new LaunchListener() {})))
                .isEqualTo(new UpdateEffect.NotApplied("1.5", "1.4"));
        assertThat(launchedBy(LaunchGuard.on(Scenario.WEDGED.world().ports()).withVersion(" ")))
                .isInstanceOf(UpdateEffect.Unknown.class);
        assertThat(launchedBy(LaunchGuard.on(Scenario.WEDGED.world().ports())))
                .isInstanceOf(UpdateEffect.Unknown.class);
        assertThat(launchedBy(LaunchGuard.on(new World().ports()).withVersion("1.5")))
                .isInstanceOf(UpdateEffect.None.class);
    }

    @Test
    @Tag("H51")
    @Tag("H50")
    void theHistoryRemembersTheEffectOfAnUpdateAndTheThreadDumpOfTheOldInstance() {
        World world = Scenario.WEDGED.world();
        String nonce = ((MarkerReading.Valid) world.marker).marker().nonce();
        world.threadDumps.put(nonce, "it hung");

        LaunchReport report =
                LaunchGuard.on(world.ports()).withVersion("1.4").launch().report();

        assertThat(report.threadDump()).contains(Path.of("/world/threads-" + nonce));
        assertThat(report.summary()).contains("/world/threads-" + nonce);
        await().atMost(10, SECONDS).until(() -> world.historyLines.size() == 2);
        assertThat(new LaunchHistory(world.ports().history()).recent(1))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.threadDump()).isEqualTo("/world/threads-" + nonce);
                    assertThat(line.update()).isNotNull();
                    assertThat(line.update().effect()).isEqualTo("not-applied");
                    assertThat(line.update().detail()).isEqualTo(report.update().sentence());
                });
    }

    private static UpdateEffect launchedBy(LaunchGuard guard) {
        return guard.launch().report().update();
    }

    @ParameterizedTest
    @EnumSource(
            value = Scenario.class,
            names = {"HEALTHY", "UNKILLABLE", "ANOTHER_LAUNCHER_STAYS"})
    @Tag("H01")
    void heldYieldsNoPermitAndLetsGoOfTheLaunchLock(Scenario scenario) {
        World world = scenario.world();
        LaunchLockOwner before = world.launchLock;
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        assertThat(result).isInstanceOf(LaunchResult.Refused.class);
        assertThat(result.report().outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.launchLock).isEqualTo(before);
        assertThat(world.open).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void explainChangesNothing(Scenario scenario) {
        World world = scenario.world();
        String before = world.snapshot();
        LaunchGuard.on(world.ports()).explain();
        assertThat(world.snapshot()).isEqualTo(before);
        assertThat(world.elapsedMillis()).isZero();
        assertThat(world.violations).isEmpty();
        assertThat(world.calls)
                .doesNotContain(
                        Port.MARKER_CLAIM,
                        Port.MARKER_DISCARD_CLAIM,
                        Port.LOCK_REMOVE,
                        Port.LAUNCH_LOCK_REQUEST,
                        Port.MARKER_WRITE);
    }

    @Test
    void explainJudgesAsALaunchWould() {
        DryRun wedged = LaunchGuard.on(Scenario.WEDGED.world().ports()).explain();
        assertThat(wedged.verdict()).isInstanceOf(Verdict.Reap.class);
        assertThat(wedged.cache()).isInstanceOf(CacheStatus.InUse.class);
        DryRun healthy = LaunchGuard.on(Scenario.HEALTHY.world().ports()).explain();
        assertThat(((Verdict.Spare) healthy.verdict()).reason().predicate()).isEqualTo(SafetyPredicate.MARKER_PRESENT);
        DryRun held =
                LaunchGuard.on(Scenario.ANOTHER_LAUNCHER_STAYS.world().ports()).explain();
        assertThat(((Verdict.Spare) held.verdict()).reason().predicate()).isEqualTo(SafetyPredicate.SOLE_LAUNCHER);
        assertThat(LaunchGuard.on(new World().ports()).explain().cache()).isInstanceOf(CacheStatus.Free.class);
    }

    @Test
    void explainLeavesNoPinOpenWhenAPortBreaks() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.PROFILE_IDENTITY) {
                    throw new IllegalStateException("broken");
                }
            }
        };
        assertThatThrownBy(() -> LaunchGuard.on(world.ports()).explain()).hasMessage("broken");
        assertThat(world.open).isEmpty();
    }

    @Test
    void policyAndListenersAreTheOnesGiven() {
        World world = Scenario.WEDGED.world();
        LaunchPolicy d = LaunchPolicy.DEFAULT;
        List<LaunchReport> heard = new ArrayList<>();
        LaunchListener listener = new LaunchListener() {
            @Override
            public void ended(LaunchReport report) {
                heard.add(report);
            }
        };
        LaunchGuard guard = LaunchGuard.on(world.ports())
                .withPolicy(new LaunchPolicy(
                        d.maxMarkerAge(),
                        d.launcherWait(),
                        Duration.ofMillis(100),
                        Duration.ofMillis(100),
                        Duration.ofMillis(200),
                        d.killConfirmation(),
                        d.cacheRelease(),
                        d.unconsentedWait()))
                .withListener(listener);
        LaunchResult result = guard.withListener(listener).launch();
        assertThat(world.signals).map(signal -> signal.atMillis()).containsExactly(100L, 300L);
        assertThat(heard).containsExactly(result.report(), result.report());
    }

    @Test
    void thePlatformIsFoundOnTheClassPath() {
        LaunchResult result = LaunchGuard.forProfile(Path.of("profile")).launch();
        assertThat(result.report().outcome()).isEqualTo(Outcome.READY);
        ((LaunchResult.Permitted) result).permit().close();
        assertThat(LaunchGuard.currentPlatform().name()).isEqualTo("World");
    }

    @Test
    void withoutAPlatformForThisHostTheMessageSaysWhatToAdd() {
        WorldPlatform.current = false;
        String host = System.setProperty("os.name", "Plan 9");
        try {
            assertThatThrownBy(() -> LaunchGuard.forProfile(Path.of("profile")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("guard-platform")
                    .hasMessageContaining("Plan 9");
        } finally {
            System.setProperty("os.name", host);
        }
    }
}
