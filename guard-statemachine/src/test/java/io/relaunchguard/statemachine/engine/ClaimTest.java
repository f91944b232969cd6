package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A consent is used once: up when the launch is decided, kept when it broke. */
class ClaimTest {

    @ParameterizedTest
    @EnumSource(
            value = Scenario.class,
            names = {"WEDGED", "OBEYS_TERM", "EXITS_IN_THE_GRACE", "UNKILLABLE", "FOREIGN_HOST", "MARKER_BUT_NO_LOCK"})
    @Tag("H05")
    void theClaimIsDiscardedAtTheEndOfADecidedLaunch(Scenario scenario) {
        World world = scenario.world();
        Launches.run(world);
        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    @Tag("H05")
    void aConsentCannotBeUsedTwice() {
        World world = Scenario.UNKILLABLE.world();
        Launches.run(world);
        world.signals.clear();
        LaunchReport second = Launches.run(world);
        assertThat(second.outcome()).isEqualTo(Outcome.HELD);
        assertThat(Launches.sparedFor(second)).isEqualTo(SafetyPredicate.MARKER_PRESENT);
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H28")
    void aClaimThatABrokenLaunchLeftIsAdoptedByTheNext() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.PIN_REQUEST_EXIT) {
                    throw new UnsatisfiedLinkError("jnidispatch");
                }
            }
        };
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);
        world.hook = new CallHook() {};
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).hasSize(2).allMatch(ReceivedSignal::consentStood);
        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    @Tag("H05")
    void aMarkerThatIsNotWholeStaysWhereItIs() {
        World world = Scenario.WEDGED.world();
        world.marker = new MarkerReading.Invalid("it is torn");
        Launches.run(world);
        assertThat(world.marker).isEqualTo(new MarkerReading.Invalid("it is torn"));
        assertThat(world.calls).doesNotContain(Port.MARKER_DISCARD_CLAIM);
    }

    @Test
    void aNewerMarkerReplacesAClaimThatWasLeftBehind() {
        World world = new World();
        WorldProcess older = world.process(190);
        world.claim = new MarkerReading.Valid(world.markerOf(older));
        WorldProcess old = Scenario.wedged(world);
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(old.isAlive()).isFalse();
        assertThat(older.isAlive()).isTrue();
    }

    @Test
    @Tag("H26")
    void aClaimThatCannotBeDiscardedDoesNotStopTheLaunch() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.MARKER_DISCARD_CLAIM) {
                    throw new IllegalStateException("read-only file system");
                }
            }
        };
        LaunchReport report = Launches.run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.faults()).hasSize(1);
    }
}
