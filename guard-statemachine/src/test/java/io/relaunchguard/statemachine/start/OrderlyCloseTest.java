package io.relaunchguard.statemachine.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import io.relaunchguard.statemachine.world.WorldPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

@Tag("H57")
class OrderlyCloseTest {

    private static final Duration GRACE = Duration.ofSeconds(2);

    @TempDir
    Path profile;

    @AutoClose
    private final GenericApplicationContext context = new GenericApplicationContext();

    private final Processor processor = new Processor();
    private RelaunchHandoffs handoffs;

    /** On the real platform: a world's clock runs on at once, and the watchdog ends this JVM by it. */
    @BeforeEach
    void open() {
        WorldPlatform.current = false;
        handoffs = new RelaunchHandoffs(() -> profile, Duration.ofMinutes(10));
        context.registerBean("lifecycleProcessor", DefaultLifecycleProcessor.class, () -> processor);
        context.registerBean(RelaunchHandoffs.class, () -> handoffs);
        context.registerBean(Waits.class);
    }

    @AfterEach
    void reset() {
        WorldPlatform.reset();
    }

    @Test
    void aPhaseTakesHalfTheGraceAtMostOnceAHandoffIsInForce() throws IOException {
        context.refresh();
        try (RelaunchHandoff handoff = handoffs.begin("1", "2")) {
            new OrderlyClose(context, GRACE).begin(LaunchPermit.inert());

            assertThat(handoffs.inForce()).contains(handoff);
            assertThat(processor.timeouts).containsExactly(1000L);
            assertThat(processor.ofPhases).containsEntry(7, 1000L);
        }
    }

    @Test
    void aShorterTimeoutThatIsConfiguredStays() throws IOException {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(
                        new MapPropertySource("test", Map.of("spring.lifecycle.timeout-per-shutdown-phase", "300ms")));
        context.refresh();
        try (RelaunchHandoff handoff = handoffs.begin("1", "2")) {
            new OrderlyClose(context, GRACE).begin(LaunchPermit.inert());

            assertThat(handoffs.inForce()).contains(handoff);
            assertThat(processor.timeouts).containsExactly(300L);
        }
    }

    @Test
    void withoutAHandoffThePhasesKeepTheirTimeouts() throws IOException {
        context.refresh();
        handoffs.begin("1", "2").close();

        new OrderlyClose(context, GRACE).begin(LaunchPermit.inert());

        assertThat(processor.timeouts).isEmpty();
        assertThat(processor.ofPhases).isEmpty();
    }

    @Test
    void aContextThatNeverStartedClosesAsItIs() {
        new OrderlyClose(new GenericApplicationContext(), GRACE).begin(LaunchPermit.inert());

        assertThat(processor.timeouts).isEmpty();
    }

    private static final class Processor extends DefaultLifecycleProcessor {

        private final List<Long> timeouts = new ArrayList<>();
        private final Map<Integer, Long> ofPhases = new HashMap<>();

        @Override
        public void setTimeoutPerShutdownPhase(long timeout) {
            timeouts.add(timeout);
            super.setTimeoutPerShutdownPhase(timeout);
        }

        @Override
        public void setTimeoutForShutdownPhase(int phase, long timeout) {
            ofPhases.put(phase, timeout);
            super.setTimeoutForShutdownPhase(phase, timeout);
        }
    }

    static final class Waits implements SmartLifecycle {

        private boolean running;

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return 7;
        }
    }
}
