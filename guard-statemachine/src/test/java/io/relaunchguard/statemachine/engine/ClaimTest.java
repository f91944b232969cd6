package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleEvent;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
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

    @ParameterizedTest
    @EnumSource(
            value = Port.class,
            names = {"PIN", "PIN_IDENTITY", "HOST_READ", "CLOCK_SINCE_BOOT", "MARKER_READ_CLAIM", "PROFILE_IDENTITY"})
    @Tag("H45")
    @Tag("H05")
    void aConsentIsNotUsedUpByALaunchThatCouldNotTell(Port port) {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port called, int index) {
                if (called == port) {
                    throw new CallHook.Unknown("permission denied");
                }
            }
        };
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.signals).isEmpty();
        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);

        world.hook = new CallHook() {};
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).hasSize(2).allMatch(ReceivedSignal::consentStood);
        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    @Tag("H28")
    void aClaimThatABrokenLaunchLeftIsAdoptedByTheNext() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.MARKER_NOTE_REQUEST) {
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

    @ParameterizedTest
    @EnumSource(
            value = LifecycleState.class,
            names = {"REVALIDATE", "KILL"})
    @Tag("H04")
    @Tag("H28")
    void whatALaunchThatBrokeHasAskedIsNotAskedAgainButWaitedForAndForced(LifecycleState broken) {
        World world = Scenario.WEDGED.world();
        assertThat(brokenOnEntering(world, broken).outcome()).isEqualTo(Outcome.HELD);
        assertThat(Launches.signals(world)).containsExactly("TERM@2000");
        world.hook = new CallHook() {};
        long before = world.elapsedMillis();

        LaunchReport next = Launches.run(world);

        assertThat(next.outcome()).isEqualTo(Outcome.READY);
        assertThat(next.signals()).extracting(SentSignal::signal).containsExactly(Signal.KILL);
        // It has had its grace since it consented, but for what is always observed; and the wait for a request to be
        // followed.
        assertThat(Launches.signals(world)).element(1).isEqualTo("KILL@" + (before + 500 + 2000));
    }

    @Test
    @Tag("H04")
    @Tag("H28")
    void oneThatWasAskedWhileItWasStoppedAndNeverResumedIsResumedByTheNextLaunch() {
        World world = Scenario.STOPPED.world();
        WorldProcess old = world.at(Scenario.HOLDER).orElseThrow();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.PIN_REQUEST_EXIT) {
                    // As if the launcher had died between the two signals.
                    world.receive(old, Signal.TERM);
                    throw new IllegalStateException("broken");
                }
            }
        };
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.HELD);
        world.hook = new CallHook() {};

        LaunchReport next = Launches.run(world);

        assertThat(next.outcome()).isEqualTo(Outcome.READY);
        assertThat(next.signals()).extracting(SentSignal::signal).containsExactly(Signal.CONT);
    }

    @Test
    @Tag("H05")
    void aConsentThatIsWithdrawnAtTheVeryLastLookIsNeitherAskedNorForced() {
        World world = Scenario.WEDGED.world();
        world.hook = before(Port.MARKER_NOTE_REQUEST, world::withdrawConsent);

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(Launches.sparedFor(report)).isEqualTo(SafetyPredicate.MARKER_PRESENT);
        assertThat(report.faults()).isEmpty();
        assertThat(world.signals).isEmpty();
        assertThat(Launches.states(report))
                .endsWith(LifecycleState.TERM, LifecycleState.PREFLIGHT, LifecycleState.HELD);
        assertThat(report.transitions())
                .extracting(Transition::event)
                .contains(LifecycleEvent.CONSENT_WITHDRAWN)
                .doesNotContain(LifecycleEvent.FAULT);
    }

    @Test
    @Tag("H12")
    void whatCannotBeNotedIsNeitherAskedNorForced() {
        World world = Scenario.WEDGED.world();
        world.hook = before(Port.MARKER_NOTE_REQUEST, () -> {
            throw new IllegalStateException("read-only file system");
        });

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.faults()).singleElement().asString().contains("read-only");
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H28")
    void whoeverDiedBetweenTheNoteAndTheRequestIsTakenToHaveAsked() {
        World world = Scenario.OBEYS_TERM.world();
        world.hook = before(Port.PIN_REQUEST_EXIT, () -> {
            throw new IllegalStateException("broken");
        });
        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.signals).isEmpty();
        world.hook = new CallHook() {};

        LaunchReport next = Launches.run(world);

        assertThat(next.outcome()).isEqualTo(Outcome.READY);
        assertThat(next.signals()).extracting(SentSignal::signal).containsExactly(Signal.KILL);
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

    private static LaunchReport brokenOnEntering(World world, LifecycleState wanted) {
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
