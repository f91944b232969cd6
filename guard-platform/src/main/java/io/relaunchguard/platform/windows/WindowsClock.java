package io.relaunchguard.platform.windows;

import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.ptr.LongByReference;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of Windows. {@link System#nanoTime} is the performance counter there (HotSpot's {@code os_windows.cpp}), which
 * goes on while the machine sleeps; QueryUnbiasedInterruptTime stands still. GetTickCount64 counts since boot, sleep
 * included. Neither is moved when the wall clock is set.
 *
 * <p>Where native calls cannot be loaded at all nobody can be pinned, and so nobody is signalled; budgets then run on
 * {@link System#nanoTime}, so that the clock alone breaks no launch.
 */
final class WindowsClock implements LaunchClock {

    private static final long NANOS_PER_UNIT = 100;

    /** Once it is not, it stays so: one launch is timed by one clock. */
    private volatile boolean loadable = true;

    @Override
    public long nanoTime() {
        if (loadable) {
            try {
                return nanosWithoutSleep();
            } catch (LinkageError e) {
                loadable = false;
            }
        }
        return System.nanoTime();
    }

    @Override
    public Observation<Duration> sinceBoot() {
        try {
            return Observation.seen(Duration.ofMillis(Kernel32.INSTANCE.GetTickCount64()));
        } catch (LinkageError e) {
            return Observation.unknown("the time since boot cannot be read: " + e.getMessage());
        }
    }

    @Override
    public Instant now() {
        return Clock.systemUTC().instant();
    }

    private static long nanosWithoutSleep() {
        LongByReference time = new LongByReference();
        if (!NativeCalls.MoreKernel32.INSTANCE.QueryUnbiasedInterruptTime(time)) {
            throw new IllegalStateException("the time without sleep cannot be read");
        }
        return time.getValue() * NANOS_PER_UNIT;
    }

    /** Looks again after each wait: the clock advances in steps of up to 16 ms, a wait may end just before one. */
    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
        while (true) {
            long left = deadline - nanoTime();
            T element = queue.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
            if (element != null || left <= 0) {
                return element;
            }
        }
    }
}
