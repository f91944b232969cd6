package io.relaunchguard.it;

import io.relaunchguard.it.cli.ExplainCommand;
import io.relaunchguard.it.cli.GuardCommand;
import io.relaunchguard.it.cli.MarkCommand;
import io.relaunchguard.it.drill.DrillCommand;
import io.relaunchguard.it.drill.DrillHolderCommand;
import io.relaunchguard.it.page.ShownLaunchCommand;
import picocli.CommandLine.Command;

/** The command line of the reference launcher. */
@Command(
        subcommands = {
            ShownLaunchCommand.class,
            MarkCommand.class,
            ExplainCommand.class,
            DrillCommand.class,
            DrillHolderCommand.class
        })
public final class RelaunchGuardCommand extends GuardCommand {

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        main(new RelaunchGuardCommand(), args);
    }
}
