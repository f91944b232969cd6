package io.relaunchguard.core.successor;

import java.util.List;

/**
 * The command that this process runs, as the kernel knows it.
 *
 * @param executable the program's file, without links; it may be gone by now
 * @param arguments all of them, as they were given: the first is what the starter called the program
 * @param directory the working directory
 */
public record OwnCommand(String executable, List<String> arguments, String directory) {

    /** Keeps its own copy. */
    public OwnCommand {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a command has a program at least");
        }
        arguments = List.copyOf(arguments);
    }
}
