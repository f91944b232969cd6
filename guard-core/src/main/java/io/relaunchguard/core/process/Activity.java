package io.relaunchguard.core.process;

import java.time.Duration;

/**
 * How much a process has done since it started; two samples tell whether it makes progress.
 *
 * @param cpuTime user and system time, in the resolution of the kernel's accounting
 * @param bytesWritten bytes it caused to be written to storage
 * @param writes how often it asked for something to be written anywhere; the bytes again, where the system does not count that
 */
public record Activity(Duration cpuTime, long bytesWritten, long writes) {

    /** Idle programs wake up now and then: less of one processor than this is no progress. */
    private static final double PROGRESS_SHARE = 0.05;

    /** The performance data of a JVM have 32 KiB, of which it keeps changing 8: this much without a call is work of another kind. */
    private static final long MOST_UNASKED = 65_536;

    /** Whether a process that had done {@code earlier}, {@code elapsed} ago, has been at work since. */
    public boolean isProgressSince(Activity earlier, Duration elapsed) {
        return hasWrittenSince(earlier)
                || cpuTime.minus(earlier.cpuTime).toNanos() > elapsed.toNanos() * PROGRESS_SHARE;
    }

    /**
     * Bytes alone do not say so: an idle JVM goes on counting in its performance data, a file that is mapped into its memory, and
     * Linux puts a page of it on the process's account each time after it has written it back.
     */
    private boolean hasWrittenSince(Activity earlier) {
        long bytes = bytesWritten - earlier.bytesWritten;
        return bytes > MOST_UNASKED || (bytes > 0 && writes > earlier.writes);
    }
}
