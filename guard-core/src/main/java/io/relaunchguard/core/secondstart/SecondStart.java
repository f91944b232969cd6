package io.relaunchguard.core.secondstart;

import java.util.List;
import java.util.Map;

/**
 * What a second start of a running application was asked to do. It comes from another process of the same user: data, not
 * something to be believed.
 *
 * @param arguments the command line's, without the program
 * @param workingDirectory where it was started: what relative paths in the arguments are relative to
 * @param desktop where its person is, and what brings the running instance to the front there
 * @param data what the application adds for its own running instance
 */
public record SecondStart(List<String> arguments, String workingDirectory, Desktop desktop, Map<String, String> data) {

    /** Keeps its own copies. */
    public SecondStart {
        arguments = List.copyOf(arguments);
        data = Map.copyOf(data);
    }

    /** One that does not tell its desktop. */
    public SecondStart(List<String> arguments, String workingDirectory) {
        this(arguments, workingDirectory, Desktop.NONE, Map.of());
    }
}
