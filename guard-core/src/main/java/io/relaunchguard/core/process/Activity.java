package io.relaunchguard.core.process;

import java.time.Duration;

/**
 * How much a process has done since it started. Two samples show whether it makes progress.
 *
 * @param cpuTime user and system CPU time, in the resolution of the kernel's accounting
 * @param bytesWritten bytes that the process caused to be written to storage
 * @param writes number of write calls, to any target; equal to {@code bytesWritten} where the system does not count
 *     them
 */
public record Activity(Duration cpuTime, long bytesWritten, long writes) {

    /** The share of one processor above which a process makes progress: idle programs wake up now and then. */
    private static final double PROGRESS_SHARE = 0.05;

    /**
     * The number of bytes without a write call above which a process makes progress. A JVM keeps changing 8 of the 32
     * KiB of its performance data, so this much is other work.
     */
    private static final long MOST_UNASKED = 65_536;

    /** Returns whether a process made progress since the sample {@code earlier}, taken {@code elapsed} ago. */
    public boolean isProgressSince(Activity earlier, Duration elapsed) {
        return hasWrittenSince(earlier)
                || cpuTime.minus(earlier.cpuTime).toNanos() > elapsed.toNanos() * PROGRESS_SHARE;
    }

    /**
     * Returns whether the process wrote on purpose. Bytes alone do not show that: an idle JVM keeps updating its
     * performance data, a memory-mapped file, and after each write-back Linux charges a page of it to the process.
     */
    private boolean hasWrittenSince(Activity earlier) {
        long bytes = bytesWritten - earlier.bytesWritten;
        return bytes > MOST_UNASKED || (bytes > 0 && writes > earlier.writes);
    }
}
