package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.GuardClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The clock of this JVM, for what waits on a thread of its own. */
final class RealClock implements GuardClock {

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Observation<Duration> sinceBoot() {
        return Observation.unknown("not needed");
    }

    @Override
    public Instant now() {
        return Instant.EPOCH;
    }

    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
        return queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
