package io.relaunchguard.it.cli;

import io.relaunchguard.core.launch.LaunchPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for the timeouts and grace periods of a launch; each has the policy's default. */
final class PolicyOptions {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--launcher-wait",
            paramLabel = "TIME",
            description = "How long to wait for another launcher, such as 500ms, 2s or PT2.5S.")
    private @Nullable Duration launcherWait;

    @Option(
            names = "--teardown-grace",
            paramLabel = "TIME",
            description = "How long a consenting holder may take to end by itself.")
    private @Nullable Duration teardownGrace;

    @Option(
            names = "--teardown-grace-limit",
            paramLabel = "TIME",
            description = "The bound on that time when the holder makes progress.")
    private @Nullable Duration teardownGraceLimit;

    @Option(
            names = "--term-grace",
            paramLabel = "TIME",
            description = "How long the holder may take to follow the request before it is forced.")
    private @Nullable Duration termGrace;

    @Option(
            names = "--cache-release",
            paramLabel = "TIME",
            description = "How long to wait until no other process holds the profile.")
    private @Nullable Duration cacheRelease;

    @Option(
            names = "--unconsented-wait",
            paramLabel = "TIME",
            description = "How much of that to wait for a holder that did not consent to end.")
    private @Nullable Duration unconsentedWait;

    LaunchPolicy policy() {
        LaunchPolicy defaults = LaunchPolicy.DEFAULT;
        try {
            return new LaunchPolicy(
                    defaults.maxMarkerAge(),
                    or(launcherWait, defaults.launcherWait()),
                    or(teardownGrace, defaults.teardownGrace()),
                    or(teardownGraceLimit, defaults.teardownGraceLimit()),
                    or(termGrace, defaults.termGrace()),
                    defaults.killConfirmation(),
                    or(cacheRelease, defaults.cacheRelease()),
                    or(unconsentedWait, defaults.unconsentedWait()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage() + ".");
        }
    }

    private static Duration or(@Nullable Duration given, Duration otherwise) {
        return given == null ? otherwise : given;
    }
}
