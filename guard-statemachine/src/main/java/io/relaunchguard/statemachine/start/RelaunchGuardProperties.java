package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.successor.EnvironmentRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the launch guard. Immutable; a value out of its range ends the start with a message that names it.
 *
 * @param enabled Whether the guard runs when the application starts.
 * @param skip When the launch guard does not run although it is enabled.
 * @param profile The profile: CEF's root cache path. By default a directory named for the application in the user's
 *     cache directory.
 * @param version The running version, which the report compares with the version that the update announced. By default
 *     that of the main class's manifest, or of the build information.
 * @param startMode Whether the application's context starts while the launch runs (concurrent), or waits for the launch
 *     (blocking).
 * @param maxMarkerAge How old a consent marker may be.
 * @param launcherWait Timeout for another launcher on the same profile to finish.
 * @param teardownGrace Grace period of an instance that consented, counted from its consent, before the guard asks it
 *     to end. At least half a second without progress is always observed.
 * @param teardownGraceLimit Upper bound of the teardown grace period when progress extends it.
 * @param termGrace Grace period after the request to end, before the guard ends the instance by force.
 * @param killConfirmation Timeout for the exit to be seen after the guard has used force.
 * @param cacheRelease Timeout for the profile to become free.
 * @param unconsentedWait The part of the cache-release timeout for an instance that did not consent.
 * @param handoffDeadline How long this process may take to end by itself after a handoff.
 * @param claimWait Timeout for the successor to claim the consent. After it, this process withdraws the consent and
 *     keeps running. Never longer than max-marker-age.
 * @param successorEnvironment Which environment variables of this process the successor inherits.
 * @param secondStart The second start of the application while it runs.
 * @param history The history of launches.
 * @param page The page that shows the launch.
 */
@ConfigurationProperties(RelaunchGuardProperties.PREFIX)
public record RelaunchGuardProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue Skip skip,
        @Nullable Path profile,
        @Nullable String version,
        @DefaultValue("concurrent") StartMode startMode,
        @DefaultValue("5m") Duration maxMarkerAge,
        @DefaultValue("4s") Duration launcherWait,
        @DefaultValue("2s") Duration teardownGrace,
        @DefaultValue("5s") Duration teardownGraceLimit,
        @DefaultValue("2s") Duration termGrace,
        @DefaultValue("2s") Duration killConfirmation,
        @DefaultValue("3s") Duration cacheRelease,
        @DefaultValue("500ms") Duration unconsentedWait,
        @DefaultValue("10s") Duration handoffDeadline,
        @DefaultValue("1m") Duration claimWait,
        @DefaultValue SuccessorEnvironment successorEnvironment,
        @DefaultValue SecondStart secondStart,
        @DefaultValue History history,
        @DefaultValue Page page) {

    /** The prefix of the names of all settings. */
    public static final String PREFIX = "relaunch-guard";

    /** Checks the values. */
    public RelaunchGuardProperties {
        // The constructor names the value that is wrong.
        var unused = new LaunchPolicy(
                maxMarkerAge,
                launcherWait,
                teardownGrace,
                teardownGraceLimit,
                termGrace,
                killConfirmation,
                cacheRelease,
                unconsentedWait);
        if (handoffDeadline.isNegative() || handoffDeadline.isZero()) {
            throw new IllegalArgumentException("handoff-deadline must be above zero, but is " + handoffDeadline);
        }
        if (claimWait.isNegative() || claimWait.isZero()) {
            throw new IllegalArgumentException("claim-wait must be above zero, but is " + claimWait);
        }
        // No launcher would believe an older consent.
        claimWait = claimWait.compareTo(maxMarkerAge) < 0 ? claimWait : maxMarkerAge;
    }

    /**
     * The cases in which the launch guard does not run although it is enabled.
     *
     * @param inTests Whether a test of the application runs no launch and gets a stand-in permit.
     */
    public record Skip(@DefaultValue("true") boolean inTests) {}

    /**
     * The environment variables of this process that the successor inherits, on Linux.
     *
     * @param keep Environment variables that the successor inherits unchanged, even if the guard would remove
     *     them (Linux).
     * @param drop Further environment variables that the successor does not inherit (Linux).
     */
    public record SuccessorEnvironment(
            @DefaultValue Set<String> keep, @DefaultValue Set<String> drop) {

        /** Checks the values. */
        public SuccessorEnvironment {
            try {
                var unused = new EnvironmentRules(keep, drop);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("successor-environment: " + e.getMessage(), e);
            }
        }

        /** Returns the same settings as rules. */
        public EnvironmentRules rules() {
            return new EnvironmentRules(keep, drop);
        }
    }

    /**
     * The second start of the application while it runs.
     *
     * @param enabled Whether a second start hands its arguments to the running instance and ends, and this instance
     *     listens.
     * @param deadline Timeout for the running instance to handle a second start.
     * @param startingWait Timeout of a second start for a running instance that is still starting.
     * @param closingWait Timeout of a second start for a running instance that is closing.
     */
    public record SecondStart(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("5s") Duration deadline,
            @DefaultValue("30s") Duration startingWait,
            @DefaultValue("30s") Duration closingWait) {

        /** Checks the values. */
        public SecondStart {
            if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException(
                        "second-start.deadline must be above zero and at most PT1M, but is " + deadline);
            }
            requireWait("starting-wait", startingWait);
            requireWait("closing-wait", closingWait);
        }

        private static void requireWait(String name, Duration wait) {
            if (wait.isNegative() || wait.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException(
                        "second-start.%s must be from zero to PT5M, but is %s".formatted(name, wait));
            }
        }

        Patience patience() {
            return new Patience(deadline, startingWait, closingWait);
        }
    }

    /**
     * The history of launches.
     *
     * @param limit How many launches the endpoint and the page show.
     */
    public record History(@DefaultValue("20") int limit) {

        /** Checks the value. */
        public History {
            if (limit < 1 || limit > 200) {
                throw new IllegalArgumentException("history.limit must be from 1 to 200, but is " + limit);
            }
        }
    }

    /**
     * The page that shows the launch.
     *
     * @param enabled Whether the application serves the page at /relaunch-guard/, to this computer only.
     */
    public record Page(@DefaultValue("false") boolean enabled) {}

    /** Returns the timeouts and grace periods of the launch. */
    LaunchPolicy policy() {
        return new LaunchPolicy(
                maxMarkerAge,
                launcherWait,
                teardownGrace,
                teardownGraceLimit,
                termGrace,
                killConfirmation,
                cacheRelease,
                unconsentedWait);
    }
}
