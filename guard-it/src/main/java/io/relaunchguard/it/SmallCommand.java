package io.relaunchguard.it;

import io.relaunchguard.it.cli.ExplainCommand;
import io.relaunchguard.it.cli.GuardCommand;
import io.relaunchguard.it.cli.LaunchCommand;
import io.relaunchguard.it.cli.MarkCommand;
import picocli.CommandLine.Command;

/** The command line of the small jar: what an updater calls, without the page and the drill. */
@Command(subcommands = {LaunchCommand.class, MarkCommand.class, ExplainCommand.class})
public final class SmallCommand extends GuardCommand {

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        main(new SmallCommand(), args);
    }
}
