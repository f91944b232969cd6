package io.relaunchguard.it.cli;

import io.relaunchguard.core.FaultText;
import io.relaunchguard.core.PrintableText;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What the executable jars have in common; each has commands of its own. */
@Command(
        name = "relaunch-guard",
        mixinStandardHelpOptions = true,
        version = "relaunch-guard 0.1.0",
        description = "Ends a wedged previous instance that consented to go, and never a healthy one.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ready",
            "1:the self-test saw something else than it expected",
            "2:usage: an option or the profile is wrong",
            "3:held: another instance has, or may have, the profile",
            "4:failed: the guard failed and could not show that the profile is free"
        })
public abstract class GuardCommand {

    /** Runs a command and ends the JVM with its exit code. */
    protected static void main(GuardCommand program, String[] args) {
        // Other programs read the digits of numbers, whatever digits the user's locale has.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        ErrorLog.choose();
        Optional<String> changed = OwnArguments.changed(args);
        if (changed.isPresent()) {
            System.err.println("relaunch-guard: " + PrintableText.of(changed.get()));
            System.exit(ExitCodes.USAGE);
        }
        System.exit(execute(program.commandLine(), args));
    }

    /** Returns the command line, which prints what breaks in a command as an error of its own. */
    public final CommandLine commandLine() {
        return OptionValues.register(new CommandLine(this))
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
    public static int execute(CommandLine commandLine, String... args) {
        try {
            return commandLine.execute(args);
        } catch (LinkageError e) {
            commandLine.getErr().println("relaunch-guard: " + PrintableText.of(FaultText.of(e)));
            return ExitCodes.FAILED;
        }
    }
}
