package io.relaunchguard.core.launch;

import java.time.Duration;

/**
 * The timeouts and grace periods of a launch. The defaults add up to 16 s, well below the 20 s after which Chromium
 * itself ends the process in its lock without asking.
 *
 * @param maxMarkerAge the maximum age of a consent marker
 * @param launcherWait how long to wait for another launcher to finish
 * @param teardownGrace how long a consenting holder may take to end by itself before it is asked, counted from its
 *     consent
 * @param teardownGraceLimit the maximum of that grace period when it is extended because the holder makes progress
 * @param termGrace how long the holder may take to follow the request before it is ended by force
 * @param killConfirmation how long the exit may take to become visible after force
 * @param cacheRelease how long to wait until the profile is free
 * @param unconsentedWait the maximum of {@code cacheRelease} if there is no consent: long enough for an instance that
 *     its user has just closed, short enough for a second start beside a healthy one
 */
public record LaunchPolicy(
        Duration maxMarkerAge,
        Duration launcherWait,
        Duration teardownGrace,
        Duration teardownGraceLimit,
        Duration termGrace,
        Duration killConfirmation,
        Duration cacheRelease,
        Duration unconsentedWait) {

    // Above the defaults, because their construction checks against these.
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final Duration OLDEST_MARKER = Duration.ofDays(1);

    /** The minimum time to observe a holder before it is asked to end, however long ago it consented. */
    private static final Duration SHORTEST_OBSERVATION = Duration.ofMillis(500);

    /** The default timeouts and grace periods. */
    public static final LaunchPolicy DEFAULT = new LaunchPolicy(
            Duration.ofMinutes(5),
            Duration.ofSeconds(4),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofMillis(500));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a value is not above zero or is too long, or the grace period exceeds its
     *     limit; the message names the value
     */
    public LaunchPolicy {
        check("max-marker-age", maxMarkerAge, OLDEST_MARKER);
        check("launcher-wait", launcherWait, LONGEST_WAIT);
        check("teardown-grace", teardownGrace, LONGEST_WAIT);
        check("teardown-grace-limit", teardownGraceLimit, LONGEST_WAIT);
        check("term-grace", termGrace, LONGEST_WAIT);
        check("kill-confirmation", killConfirmation, LONGEST_WAIT);
        check("cache-release", cacheRelease, LONGEST_WAIT);
        check("unconsented-wait", unconsentedWait, LONGEST_WAIT);
        if (teardownGrace.compareTo(teardownGraceLimit) > 0) {
            throw new IllegalArgumentException("teardown-grace (%s) must not be longer than teardown-grace-limit (%s)"
                    .formatted(teardownGrace, teardownGraceLimit));
        }
    }

    /** Returns the maximum time that the waits of one launch can take together. */
    public Duration total() {
        return launcherWait
                .plus(teardownGraceLimit)
                .plus(termGrace)
                .plus(killConfirmation)
                .plus(cacheRelease);
    }

    /**
     * Returns the remaining grace period of a holder that consented some time ago. It is never less than what it takes
     * to see whether the holder makes progress: half a second, or the whole grace period if that is shorter.
     */
    public Duration graceAfter(Duration sinceConsent) {
        Duration left = teardownGrace.minus(sinceConsent.isNegative() ? Duration.ZERO : sinceConsent);
        Duration least = min(teardownGrace, SHORTEST_OBSERVATION);
        return left.compareTo(least) < 0 ? least : left;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static void check(String name, Duration value, Duration longest) {
        if (value.isNegative() || value.isZero() || value.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "%s must be above zero and at most %s, but is %s".formatted(name, longest, value));
        }
    }
}
