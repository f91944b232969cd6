package io.relaunchguard.platform.linux;

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
 * The clocks of Linux. {@link System#nanoTime} is CLOCK_MONOTONIC (HotSpot's {@code os_posix.cpp}), which does not
 * advance while the machine sleeps, nor do the timed waits of {@code java.util.concurrent}. CLOCK_BOOTTIME does, see
 * clock_gettime(2).
 */
final class LinuxClock implements GuardClock {

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Observation<Duration> sinceBoot() {
        try {
            LibC.TimeSpec time = new LibC.TimeSpec();
            LibC.get().clock_gettime(LibC.CLOCK_BOOTTIME, time);
            return Observation.seen(Duration.ofSeconds(time.seconds.longValue(), time.nanoseconds.longValue()));
        } catch (LastErrorException e) {
            return Observation.unknown("the time since boot cannot be read: " + e.getMessage());
        } catch (LinkageError e) {
            return Observation.unknown("the time since boot cannot be read: " + LibC.missing(e));
        }
    }

    @Override
    public Instant now() {
        return Clock.systemUTC().instant();
    }

    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
        return queue.poll(Math.max(0, deadline - nanoTime()), TimeUnit.NANOSECONDS);
    }
}
