package io.relaunchguard.platform.windows;

import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.ptr.LongByReference;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.GuardClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of Windows. {@link System#nanoTime} is the performance counter (HotSpot's {@code os_windows.cpp}), which
 * advances while the machine sleeps; QueryUnbiasedInterruptTime does not. GetTickCount64 counts since boot, sleep
 * included. Setting the wall clock affects none of them.
 *
 * <p>If native calls cannot be loaded, no process can be pinned, so none is signalled. Timeouts then use
 * {@link System#nanoTime}, so that the clock alone does not make a launch fail.
 */
final class WindowsClock implements GuardClock {

    private static final long NANOS_PER_UNIT = 100;

    /** Whether native calls can be loaded. Once false, it stays false: one launch uses one clock. */
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
            throw new IllegalStateException("the time since boot without sleep cannot be read");
        }
        return time.getValue() * NANOS_PER_UNIT;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Checks the time again after each wait: the clock advances in steps of up to 16 ms, and a wait may end just
     * before one.
     */
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
