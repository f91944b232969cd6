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
 * @param enabled Whether the launch guard runs when the application starts.
 * @param skip Where the launch guard does not run though it is enabled.
 * @param profile CEF's root cache path. By default a directory named for the application in the user's cache directory.
 * @param version The version of the application that runs. By default that of the main class's manifest, or of the build information.
 * @param startMode Whether the application's context may start while the launch is under way.
 * @param maxMarkerAge How old a consent marker may be.
 * @param launcherWait How long to wait for another launcher on the same profile to finish.
 * @param teardownGrace How long an instance that consented may take, from its consent on, to end by itself before it is asked to.
 * @param teardownGraceLimit Bound on that time when the instance makes progress and it is extended.
 * @param termGrace How long the instance may take to follow the request before it is ended by force.
 * @param killConfirmation How long the exit may take to be seen after force.
 * @param cacheRelease How long to wait until no other process holds the profile.
 * @param unconsentedWait How much of that to wait for an instance that did not consent to end.
 * @param handoffDeadline How long this process may take to end by itself once it has handed over to its successor.
 * @param claimWait How long the successor may take to claim the consent before this process takes it back and goes on.
 * @param successorEnvironment What the successor inherits of this process's environment.
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

    /** What the names of all settings begin with. */
    public static final String PREFIX = "relaunch-guard";

    /** Checks the values. */
    public RelaunchGuardProperties {
        // Its constructor names the value that is wrong.
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
     * Where the launch guard does not run though it is enabled.
     *
     * @param inTests Whether no launch is run in a test of the application, and its permit is a stand-in.
     */
    public record Skip(@DefaultValue("true") boolean inTests) {}

    /**
     * What the successor inherits of this process's environment, on Linux.
     *
     * @param keep Environment variables that the successor inherits as they are, also if they would be taken out.
     * @param drop Environment variables that the successor does not inherit, besides those that are taken out anyway.
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

        /** The same as rules. */
        public EnvironmentRules rules() {
            return new EnvironmentRules(keep, drop);
        }
    }

    /**
     * The second start of the application while it runs.
     *
     * @param enabled Whether a second start hands its arguments to the running instance and ends, and this one listens.
     * @param deadline How long the running instance may take to deal with it.
     * @param startingWait How long a second start waits for a running instance that is still starting.
     * @param closingWait How long a second start waits for a running instance that is closing.
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
     * @param enabled Whether the page is served, to this computer only, at /relaunch-guard/.
     */
    public record Page(@DefaultValue("false") boolean enabled) {}

    /** How long the launch waits for what. */
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
