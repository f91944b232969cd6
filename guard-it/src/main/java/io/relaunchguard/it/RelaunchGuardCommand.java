package io.relaunchguard.it;

import io.relaunchguard.core.FaultText;
import io.relaunchguard.core.PrintableText;
import io.relaunchguard.it.cli.ErrorLog;
import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.cli.ExplainCommand;
import io.relaunchguard.it.cli.LaunchCommand;
import io.relaunchguard.it.cli.MarkCommand;
import io.relaunchguard.it.cli.OwnArguments;
import io.relaunchguard.it.drill.DrillCommand;
import io.relaunchguard.it.drill.DrillHolderCommand;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the reference launcher. */
@Command(
        name = "relaunch-guard",
        mixinStandardHelpOptions = true,
        version = "relaunch-guard 0.1.0",
        description = "Ends a wedged previous instance that consented to go, and never a healthy one.",
        subcommands = {
            LaunchCommand.class,
            MarkCommand.class,
            ExplainCommand.class,
            DrillCommand.class,
            DrillHolderCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ready",
            "1:the self-test saw something else than it expected",
            "2:usage: an option or the profile is wrong",
            "3:held: another instance has, or may have, the profile",
            "4:failed: the guard failed while a lock is present"
        })
public final class RelaunchGuardCommand {

    private RelaunchGuardCommand() {}

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        // Other programs read the digits of numbers, whatever digits the user's locale has.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        ErrorLog.choose();
        Optional<String> changed = OwnArguments.changed(args);
        if (changed.isPresent()) {
            System.err.println("relaunch-guard: " + PrintableText.of(changed.get()));
            System.exit(ExitCodes.USAGE);
        }
        System.exit(execute(commandLine(), args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new RelaunchGuardCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                // An argument of the application may begin with @.
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler((fault, command, parsed) -> {
                    command.getErr().println("relaunch-guard: " + PrintableText.of(FaultText.of(fault)));
                    return ExitCodes.FAILED;
                });
    }

    /**
     * Runs the command. If it breaks with an {@link Error}, such as for a native library that cannot be loaded, that is
     * a failure like any other.
     */
    static int execute(CommandLine commandLine, String... args) {
        try {
            return commandLine.execute(args);
        } catch (LinkageError e) {
            commandLine.getErr().println("relaunch-guard: " + PrintableText.of(FaultText.of(e)));
            return ExitCodes.FAILED;
        }
    }
}
