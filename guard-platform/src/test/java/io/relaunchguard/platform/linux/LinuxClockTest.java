package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.relaunchguard.core.launch.GuardClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LinuxClockTest {

    private final GuardClock clock = new LinuxClock();
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

    @Tag("H14")
    @Test
    void knowsTheTimeSinceBootFromTheKernelAndNotFromTheWallClock() throws IOException {
        double uptime =
                Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", -1)[0]);

        assertThat(sinceBoot()).isCloseTo(Duration.ofMillis((long) (uptime * 1000)), Duration.ofSeconds(1));
    }

    @Tag("H14")
    @Test
    void neverGoesBack() {
        Duration boot = sinceBoot();
        long nanos = clock.nanoTime();

        assertThat(sinceBoot()).isGreaterThanOrEqualTo(boot);
        assertThat(clock.nanoTime()).isGreaterThanOrEqualTo(nanos);
    }

    @Test
    void tellsTheWallClock() {
        assertThat(clock.now()).isCloseTo(Instant.now(), within(5, ChronoUnit.SECONDS));
    }

    @Test
    @Timeout(60)
    void givesAnElementAtOnceThoughTheDeadlineIsFar() throws InterruptedException {
        queue.add("event");

        assertThat(clock.poll(queue, clock.nanoTime() + TimeUnit.HOURS.toNanos(1)))
                .isEqualTo("event");
    }

    @Test
    void givesAnElementThoughTheDeadlineHasPassed() throws InterruptedException {
        queue.add("event");

        assertThat(clock.poll(queue, clock.nanoTime() - 1)).isEqualTo("event");
    }

    @Test
    void givesNothingOnceTheDeadlineHasPassed() throws InterruptedException {
        long deadline = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);

        assertThat(clock.poll(queue, deadline)).isNull();
        assertThat(clock.nanoTime()).isGreaterThanOrEqualTo(deadline);
    }

    @Test
    void canBeInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> clock.poll(queue, clock.nanoTime() + TimeUnit.HOURS.toNanos(1)))
                .isInstanceOf(InterruptedException.class);
    }

    private Duration sinceBoot() {
        return clock.sinceBoot().toOptional().orElseThrow();
    }
}
