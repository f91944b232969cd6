package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** The port to time: three clocks, because each question has its own, and the only place where a launch waits. */
public interface LaunchClock {

    /** Monotonic nanoseconds that stand still while the machine sleeps: for budgets. */
    long nanoTime();

    /** Time since boot, sleep included, untouched by wall-clock steps: for the age of a marker. */
    Observation<Duration> sinceBoot();

    /** The wall clock: for people to read. */
    Instant now();

    /**
     * Waits for the next element, at most until {@link #nanoTime} reaches {@code deadline}.
     *
     * @return the element, or {@code null} if the deadline came first
     * @throws InterruptedException if the launch's thread is interrupted
     */
    <T> @Nullable T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException;
}
