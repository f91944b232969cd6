package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.GuardClock;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The thread that ends the process at a deadline. It is a plain daemon thread: it needs no executor, no timer and no
 * other thread's lock, and it goes on while shutdown hooks run.
 */
final class Watchdog {

    private static final Duration FOR_EVER = Duration.ofDays(10_000);

    private final GuardClock clock;
    private final Duration deadline;
    private final Runnable end;
    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    private enum Order {
        PAUSE,
        COUNT_ANEW,
        DISARM
    }

    Watchdog(GuardClock clock, Duration deadline, Runnable end) {
        this.clock = clock;
        this.deadline = deadline;
        this.end = end;
    }

    void arm() {
        long until = after(deadline);
        Thread thread = new Thread(() -> watch(until), "relaunch-guard-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    /** Pauses the deadline until the next call of {@link #countAnew}. */
    void pause() {
        orders.add(Order.PAUSE);
    }

    /** Counts the whole deadline from now on. */
    void countAnew() {
        orders.add(Order.COUNT_ANEW);
    }

    void disarm() {
        orders.add(Order.DISARM);
    }

    private void watch(long first) {
        long until = first;
        boolean isDisarmed = false;
        while (!isDisarmed && until - clock.nanoTime() > 0) {
            try {
                Order order = clock.poll(orders, until);
                if (order == Order.PAUSE) {
                    until = after(FOR_EVER);
                } else if (order == Order.COUNT_ANEW) {
                    until = after(deadline);
                }
                isDisarmed = order == Order.DISARM;
            } catch (InterruptedException e) {
                // Only disarm() may stop a watchdog.
                isDisarmed = false;
            }
        }
        if (!isDisarmed) {
            end.run();
        }
    }

    private long after(Duration time) {
        return clock.nanoTime() + time.toNanos();
    }
}
