package io.relaunchguard.it.cli;

import io.relaunchguard.core.PrintableText;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerStore;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.ConsentRefusedException;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command that writes the consent marker for a process, or withdraws it, for updaters that are not written in Java.
 */
@Command(
        name = "mark",
        mixinStandardHelpOptions = true,
        description =
                "Writes the consent marker on behalf of a process of this user, just before it is restarted; or takes it"
                        + " back.")
public final class MarkCommand implements Callable<Integer> {

    private static final Duration UNTIL_DEADLINE = Duration.ofSeconds(10);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ProfileOption profile = new ProfileOption();

    @Option(
            names = "--pid",
            required = true,
            paramLabel = "PID",
            description = "The process that is to be replaced: the one that holds the browser's lock.")
    private long pid;

    @Option(names = "--from", paramLabel = "V", defaultValue = "", description = "The version that goes.")
    private String from = "";

    @Option(names = "--to", paramLabel = "V", defaultValue = "", description = "The version that comes.")
    private String to = "";

    @Option(
            names = "--withdraw",
            description =
                    "Takes the consent of this process back instead, claimed or not: its replacement did not come up.")
    private boolean withdraw;

    @Override
    public Integer call() throws IOException {
        ProfilePorts ports = LaunchGuard.currentPlatform().open(profile.directory());
        return withdraw ? withdraw(ports.markers()) : write(ports);
    }

    private int withdraw(MarkerStore markers) {
        try {
            markers.withdrawOf(pid);
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println("The consent of process %d may still be in force: %s."
                            .formatted(pid, PrintableText.of(String.valueOf(e.getMessage()))));
            return ExitCodes.FAILED;
        }
        spec.commandLine().getOut().println("No consent of process %d is in force.".formatted(pid));
        return ExitCodes.READY;
    }

    private int write(ProfilePorts ports) throws IOException {
        ConsentMarker marker;
        try {
            marker = new MarkerWriter(ports).write(pid, from, to, UNTIL_DEADLINE);
        } catch (ConsentRefusedException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage() + ".");
        }
        spec.commandLine().getOut().println("Process %d has consented to be ended.".formatted(marker.pid()));
        Optional<SingletonLock> lock = ports.lock().read().toOptional();
        if (lock.isPresent() && lock.get().pid() != pid) {
            spec.commandLine()
                    .getErr()
                    .println("Note: the browser lock names process %d, so this consent does not apply to it."
                            .formatted(lock.get().pid()));
        }
        return ExitCodes.READY;
    }
}
