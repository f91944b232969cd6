package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.GuardClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of macOS. {@link System#nanoTime} is mach_absolute_time (HotSpot's {@code os_bsd.cpp}), which does not
 * advance while the machine sleeps; mach_continuous_time does.
 */
final class MacosClock implements GuardClock {

    private final Xnu kernel;

    MacosClock(Xnu kernel) {
        this.kernel = kernel;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Observation<Duration> sinceBoot() {
        try {
            return Observation.seen(Duration.ofNanos(kernel.timebase().nanoseconds(kernel.continuousTicks())));
        } catch (LastErrorException e) {
            return Observation.unknown("the time since boot cannot be read: " + kernel.meaning(e.getErrorCode()));
        }
    }

    @Override
    public Instant now() {
        return Clock.systemUTC().instant();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The queue checks {@link System#nanoTime} again after its wait, so that sleep does not shorten it.
     */
    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
        return queue.poll(Math.max(0, deadline - nanoTime()), TimeUnit.NANOSECONDS);
    }
}
