package io.relaunchguard.core.process;

import java.time.Duration;

/**
 * How much a process has done since it started; two samples tell whether it makes progress.
 *
 * @param cpuTime user and system time, in the resolution of the kernel's accounting
 * @param bytesWritten bytes it caused to be written to storage
 */
public record Activity(Duration cpuTime, long bytesWritten) {

    /** Idle programs wake up now and then: less of one processor than this is no progress. */
    private static final double PROGRESS_SHARE = 0.05;

    /** Whether a process that had done {@code earlier}, {@code elapsed} ago, has been at work since. */
    public boolean isProgressSince(Activity earlier, Duration elapsed) {
        return bytesWritten > earlier.bytesWritten
                || cpuTime.minus(earlier.cpuTime).toNanos() > elapsed.toNanos() * PROGRESS_SHARE;
    }
}
