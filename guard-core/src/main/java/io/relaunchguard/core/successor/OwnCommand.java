package io.relaunchguard.core.successor;

import java.util.List;

/**
 * The command that this process runs, as the kernel knows it.
 *
 * @param executable the file of the program, with links resolved; it may no longer exist
 * @param arguments all arguments as given; the first is what the starter called the program
 * @param directory the working directory
 */
public record OwnCommand(String executable, List<String> arguments, String directory) {

    /** Copies the list, so that the command is immutable. */
    public OwnCommand {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a command has a program at least");
        }
        arguments = List.copyOf(arguments);
    }
}
