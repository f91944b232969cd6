package io.relaunchguard.platform.file;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for a thread that is about to end, even if the caller is interrupted meanwhile. */
public final class Uninterruptibly {

    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private Uninterruptibly() {}

    /** Waits for the thread to end. An interrupt is preserved for the caller. */
    public static void join(Thread thread) {
        join(thread, FOREVER);
    }

    /** Waits for the thread to end, or until the time has passed. An interrupt is preserved for the caller. */
    public static void join(Thread thread, Duration atMost) {
        long start = System.nanoTime();
        boolean interrupted = false;
        for (Duration left = atMost;
                thread.isAlive() && left.compareTo(Duration.ZERO) > 0;
                left = atMost.minusNanos(System.nanoTime() - start)) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left.toNanos());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
