package io.relaunchguard.statemachine.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchRefusedException;
import io.relaunchguard.statemachine.LaunchResult;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** What the user reads when there is no permit. */
class FailureAnalysisTest {

    @Test
    @Tag("H21")
    void aHeldLaunchTellsWhoHoldsTheLockSinceWhenWhatSparedItAndWhatWasNotDone() {
        World world = new World();
        WorldProcess other = world.process(200);
        world.lockNames(other);

        FailureAnalysis analysis = new LaunchHeldFailureAnalyzer().analyze(new RuntimeException(refusal(world)));

        assertThat(analysis.getDescription())
                .startsWith("The launch was held: Process 200")
                .contains("\n    Profile:    /profile")
                .contains("\n    Lock:       process 200 on host " + World.HOST + ", since " + world.lockedSince())
                .contains("\n    Holder:     running")
                .contains("\n    Spared by:  marker-present (fails): no process has consented to be ended")
                .contains("\n    Done:       no process was signalled")
                .doesNotContain("Broke");
        assertThat(analysis.getAction()).isEqualTo("Switch to the running instance, or close it, then start again.");
    }

    @Test
    @Tag("H17")
    void aHolderThatSurvivedForceIsToldWithEverySignal() {
        FailureAnalysis analysis = new LaunchHeldFailureAnalyzer().analyze(refusal(Scenario.UNKILLABLE.world()));

        assertThat(analysis.getDescription())
                .contains("\n    Done:       sent SIGTERM to process 200 (delivered)", "sent SIGKILL to process 200")
                .doesNotContain("Spared by");
    }

    @Test
    void anUnreadableLockHasNoHolderToTellOf() {
        FailureAnalysis analysis = new LaunchHeldFailureAnalyzer().analyze(refusal(Scenario.UNREADABLE_LOCK.world()));

        assertThat(analysis.getDescription())
                .contains("it is not a link", "\n    Spared by:  ")
                .doesNotContain("\n    Lock: ", "\n    Holder: ");
    }

    @Test
    void aGuardThatBrokeTellsWhatBroke() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HOST_READ) {
                    throw new UnsatisfiedLinkError("no libc");
                }
            }
        };

        FailureAnalysis analysis = new LaunchFailedFailureAnalyzer().analyze(refusal(world));

        assertThat(analysis.getDescription())
                .startsWith("The launch guard failed: ")
                .contains(
                        "\n    Fault:      UnsatisfiedLinkError: no libc",
                        "\n    Done:       no process was signalled");
        assertThat(analysis.getAction()).contains("Fix the cause");
    }

    @Test
    void aLaunchThatCouldNotBeginSaysWhy() {
        FailureAnalysis analysis = new LaunchUnavailableFailureAnalyzer()
                .analyze(new LaunchUnavailableException("the disk is gone", "Find it."));

        assertThat(analysis.getDescription()).isEqualTo("The launch guard cannot run: the disk is gone.");
        assertThat(analysis.getAction()).isEqualTo("Find it.");
    }

    private static LaunchRefusedException refusal(World world) {
        LaunchResult result = LaunchGuard.on(world.ports(Path.of("/profile"))).launch();
        return Assertions.catchThrowableOfType(LaunchRefusedException.class, result::permitOrThrow);
    }
}
