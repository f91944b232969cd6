package io.relaunchguard.core.launch;

import java.time.Duration;

/**
 * How long a launch waits for what. The defaults add up to 16 s, well below the 20 s after which Chromium itself would end
 * the process in its lock without asking.
 *
 * @param maxMarkerAge how old a consent marker may be
 * @param launcherWait how long to wait for another launcher to finish
 * @param teardownGrace how long a consenting holder may take to end by itself before it is asked, from its consent on
 * @param teardownGraceLimit the bound on that time when the holder makes progress and it is extended
 * @param termGrace how long the holder may take to follow the request before it is forced
 * @param killConfirmation how long the exit may take to be seen after force
 * @param cacheRelease how long to wait until nobody holds the cache
 * @param unconsentedWait how much of that to wait at most when nobody consented to end: long enough for an instance that its user
 *     has just closed, short enough for a second start beside a healthy one
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

    // Before the defaults, whose construction checks against them.
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final Duration OLDEST_MARKER = Duration.ofDays(1);

    /** What a holder is watched for at least before it is asked to end, however long ago it consented. */
    private static final Duration SHORTEST_OBSERVATION = Duration.ofMillis(500);

    /** The defaults. */
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
     * @throws IllegalArgumentException if one is not above zero or too long, or the grace exceeds its own bound; the
     *     message names the value
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

    /** The longest time that the waits of one launch can take together. */
    public Duration total() {
        return launcherWait
                .plus(teardownGraceLimit)
                .plus(termGrace)
                .plus(killConfirmation)
                .plus(cacheRelease);
    }

    /**
     * What is left of the grace for a holder that consented some time ago. Never less than what it takes to see whether it
     * makes progress: half a second, or the whole grace where that is shorter.
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
