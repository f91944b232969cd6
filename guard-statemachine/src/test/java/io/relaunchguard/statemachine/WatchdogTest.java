package io.relaunchguard.statemachine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class WatchdogTest {

    private final AtomicInteger ends = new AtomicInteger();

    @Test
    @Tag("H19")
    void endsTheProcessOnceAtItsDeadline() {
        new Watchdog(new RealClock(), Duration.ofMillis(50), ends::incrementAndGet).arm();

        await().atMost(10, SECONDS).until(() -> threads() == 0);
        assertThat(ends).hasValue(1);
    }

    @Test
    void doesNothingOnceItIsDisarmed() {
        Watchdog watchdog = new Watchdog(new RealClock(), Duration.ofMinutes(5), ends::incrementAndGet);
        watchdog.arm();

        watchdog.disarm();

        await().atMost(10, SECONDS).until(() -> threads() == 0);
        assertThat(ends).hasValue(0);
    }

    @Test
    @Tag("H34")
    void letsTimePassWhileItIsPausedAndCountsAnewAfterwards() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Watchdog watchdog = new Watchdog(new RealClock(), Duration.ofMillis(200), end::countDown);
        watchdog.pause();
        watchdog.arm();
        assertThat(end.await(600, MILLISECONDS)).isFalse();

        watchdog.countAnew();

        assertThat(end.await(10, SECONDS)).isTrue();
    }

    @Test
    @Tag("H19")
    void isNotStoppedByAnInterrupt() {
        new Watchdog(new RealClock(), Duration.ofMillis(300), ends::incrementAndGet).arm();
        Thread.getAllStackTraces().keySet().stream()
                .filter(WatchdogTest::isWatchdog)
                .forEach(Thread::interrupt);

        await().atMost(10, SECONDS).until(() -> threads() == 0);
        assertThat(ends).hasValue(1);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(WatchdogTest::isWatchdog)
                .count();
    }

    private static boolean isWatchdog(Thread thread) {
        return thread.getName().equals("relaunch-guard-watchdog");
    }
}
