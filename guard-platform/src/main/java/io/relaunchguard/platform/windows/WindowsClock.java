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
 */
final class WindowsClock implements LaunchClock {

    private static final long NANOS_PER_UNIT = 100;

    @Override
    public long nanoTime() {
        LongByReference time = new LongByReference();
        if (!NativeCalls.MoreKernel32.INSTANCE.QueryUnbiasedInterruptTime(time)) {
            throw new IllegalStateException("the time without sleep cannot be read");
        }
        return time.getValue() * NANOS_PER_UNIT;
    }

    @Override
    public Observation<Duration> sinceBoot() {
        return Observation.seen(Duration.ofMillis(Kernel32.INSTANCE.GetTickCount64()));
    }

    @Override
    public Instant now() {
        return Clock.systemUTC().instant();
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
