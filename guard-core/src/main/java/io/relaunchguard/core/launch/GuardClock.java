package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The port to time, and the only place where a launch waits. It has three clocks, because each question needs its own.
 */
public interface GuardClock {

    /** Returns monotonic nanoseconds that do not advance while the machine sleeps, for timeouts. */
    long nanoTime();

    /**
     * Returns the time since boot, sleep included and unaffected by changes of the wall clock, for the age of a marker.
     */
    Observation<Duration> sinceBoot();

    /** Returns the wall-clock time, for display. */
    Instant now();

    /**
     * Waits for the next element, at most until {@link #nanoTime} reaches {@code deadline}.
     *
     * @return the element, or {@code null} if the deadline came first
     * @throws InterruptedException if the launch's thread is interrupted
     */
    <T> @Nullable T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException;
}
