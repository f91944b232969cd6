package io.relaunchguard.statemachine.metrics;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.tck.TestObservationRegistry;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.metrics.buffering.BufferingApplicationStartup;
import org.springframework.boot.context.metrics.buffering.StartupTimeline.TimelineEvent;

/** What goes round a launch while it runs. */
class LifecycleObservationTest {

    @Test
    void anObservationHasTheStatesAndSignalsAsEvents() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        launch(Scenario.WEDGED.world(), new LifecycleObservation(registry));

        assertThat(registry)
                .hasNumberOfObservationsEqualTo(1)
                .hasSingleObservationThat()
                .hasNameEqualTo("relaunch.guard.lifecycle")
                .hasContextualNameEqualTo("relaunch guard launch")
                .hasLowCardinalityKeyValue("outcome", "ready")
                .hasLowCardinalityKeyValue("verdict", "reap")
                .hasLowCardinalityKeyValue("update", "unknown")
                .hasBeenStarted()
                .hasBeenStopped()
                .doesNotHaveError();
        assertThat(registry).doesNotHaveAnyRemainingCurrentObservation();
    }

    @Test
    void aGuardThatBrokeIsAnError() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HOST_READ) {
                    throw new UnsatisfiedLinkError("no libc");
                }
            }
        };
        TestObservationRegistry registry = TestObservationRegistry.create();
        launch(world, new LifecycleObservation(registry));

        assertThat(registry)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "failed")
                .hasBeenStopped()
                .hasError();
    }

    @Test
    void theStartupHasAStepForTheLaunchAndInItOneForEachStay() {
        BufferingApplicationStartup startup = new BufferingApplicationStartup(100);
        launch(Scenario.OBEYS_TERM.world(), new StartupSteps(startup));

        var events = startup.getBufferedTimeline().getEvents();
        TimelineEvent launch = events.stream()
                .filter(event -> event.getStartupStep().getName().equals("relaunch-guard.launch"))
                .findFirst()
                .orElseThrow();
        assertThat(launch.getStartupStep().getTags())
                .extracting(tag -> tag.getKey() + "=" + tag.getValue())
                .containsExactlyInAnyOrder("outcome=ready", "verdict=reap", "update=unknown");
        assertThat(events.stream()
                        .filter(event -> event.getStartupStep().getName().equals("relaunch-guard.state"))
                        .map(event -> event.getStartupStep()
                                .getTags()
                                .iterator()
                                .next()
                                .getValue()))
                .containsExactly(
                        "start", "marker_check", "holder_read", "decide", "teardown_grace", "term", "preflight");
        assertThat(events)
                .filteredOn(event -> event != launch)
                .allSatisfy(event -> assertThat(event.getStartupStep().getParentId())
                        .isEqualTo(launch.getStartupStep().getId()));
    }

    private static void launch(World world, LaunchListener listener) {
        LaunchGuard.on(world.ports()).withListener(listener).launch();
    }
}
