package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchClock;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Ends the process at a deadline, from a plain daemon thread: it needs no executor, no timer and nobody's lock, and goes on
 * while shutdown hooks run.
 */
final class Watchdog {

    private final LaunchClock clock;
    private final Duration deadline;
    private final Runnable end;
    private final BlockingQueue<Boolean> disarmed = new ArrayBlockingQueue<>(1);

    Watchdog(LaunchClock clock, Duration deadline, Runnable end) {
        this.clock = clock;
        this.deadline = deadline;
        this.end = end;
    }

    void arm() {
        long until = clock.nanoTime() + deadline.toNanos();
        Thread thread = new Thread(() -> watch(until), "relaunch-guard-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    void disarm() {
        disarmed.offer(true);
    }

    private void watch(long until) {
        boolean isDisarmed = false;
        while (!isDisarmed && until - clock.nanoTime() > 0) {
            try {
                isDisarmed = clock.poll(disarmed, until) != null;
            } catch (InterruptedException e) {
                // Nobody but disarm() may stop a watchdog.
                isDisarmed = false;
            }
        }
        if (!isDisarmed) {
            end.run();
        }
    }
}
