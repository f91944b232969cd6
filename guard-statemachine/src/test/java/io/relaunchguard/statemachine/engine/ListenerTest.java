package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Listeners hear the story as it happens, and cannot change it. */
class ListenerTest {

    private static final class Notes implements LaunchListener {

        private final List<String> heard = new ArrayList<>();
        private final List<Object> told = new ArrayList<>();

        @Override
        public void entered(LifecycleState state) {
            heard.add("entered " + state);
        }

        @Override
        public void transitioned(Transition transition) {
            heard.add(transition.source() + " -" + transition.event() + "-> " + transition.target());
            told.add(transition);
        }

        @Override
        public void signalled(SentSignal signal) {
            heard.add("sent " + signal.signal());
            told.add(signal);
        }

        @Override
        public void ended(LaunchReport report) {
            heard.add("ended " + report.outcome());
            told.add(report);
        }
    }

    private static final class Thrower implements LaunchListener {

        private final Supplier<Error> error;

        Thrower(Supplier<Error> error) {
            this.error = error;
        }

        @Override
        public void entered(LifecycleState state) {
            throw error.get();
        }

        @Override
        public void transitioned(Transition transition) {
            throw new IllegalStateException("a listener");
        }

        @Override
        public void signalled(SentSignal signal) {
            throw error.get();
        }

        @Override
        public void ended(LaunchReport report) {
            throw error.get();
        }
    }

    @Test
    void aListenerHearsEverythingInOrder() {
        Notes notes = new Notes();
        Launches.run(Scenario.WEDGED.world(), notes);
        assertThat(notes.heard)
                .containsExactly(
                        "entered START",
                        "START -PROFILE_READ-> MARKER_CHECK",
                        "entered MARKER_CHECK",
                        "MARKER_CHECK -MARKER_READ-> HOLDER_READ",
                        "entered HOLDER_READ",
                        "HOLDER_READ -FACTS_READ-> DECIDE",
                        "entered DECIDE",
                        "DECIDE -DECIDED-> TEARDOWN_GRACE",
                        "entered TEARDOWN_GRACE",
                        "TEARDOWN_GRACE -WAIT_ELAPSED-> TERM",
                        "entered TERM",
                        "sent TERM",
                        "TERM -WAIT_ELAPSED-> REVALIDATE",
                        "entered REVALIDATE",
                        "REVALIDATE -FACTS_READ-> KILL",
                        "entered KILL",
                        "sent KILL",
                        "KILL -HOLDER_EXITED-> PREFLIGHT",
                        "entered PREFLIGHT",
                        "PREFLIGHT -CACHE_FREE-> READY",
                        "entered READY",
                        "ended READY");
    }

    @ParameterizedTest
    @EnumSource
    void theReportIsWhatTheListenersHeard(Scenario scenario) {
        Notes notes = new Notes();
        LaunchReport report = Launches.run(scenario.world(), notes);
        assertThat(notes.told)
                .containsExactlyInAnyOrderElementsOf(Stream.of(report.transitions(), report.signals(), List.of(report))
                        .<Object>flatMap(List::stream)
                        .toList());
        assertThat(notes.heard).filteredOn(heard -> heard.startsWith("entered")).hasSameSizeAs(report.timeline());
    }

    static List<Supplier<Error>> errors() {
        return List.of(
                () -> new AssertionError("a listener"),
                () -> new NoClassDefFoundError("a/listener"),
                StackOverflowError::new);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void aListenerThatThrowsChangesNothingAndTheOthersHearEverything(Supplier<Error> error) {
        World world = Scenario.WEDGED.world();
        Notes notes = new Notes();
        LaunchReport report = Launches.run(world, new Thrower(error), notes);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report).isEqualTo(Launches.run(Scenario.WEDGED.world()));
        assertThat(notes.heard).hasSize(22).endsWith("ended READY");
    }
}
