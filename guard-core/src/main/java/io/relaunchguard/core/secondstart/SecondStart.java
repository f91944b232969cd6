package io.relaunchguard.core.secondstart;

import java.util.List;
import java.util.Map;

/**
 * The request of a second start to the running application. It comes from another process of the same user, so it is
 * untrusted data.
 *
 * @param arguments the arguments of the command line, without the program
 * @param workingDirectory the directory that relative paths in the arguments are relative to
 * @param desktop the user's desktop, and what brings the running instance to the front there
 * @param data what the application adds for its own running instance
 */
public record SecondStart(List<String> arguments, String workingDirectory, Desktop desktop, Map<String, String> data) {

    /** Copies the collections, so that the request is immutable. */
    public SecondStart {
        arguments = List.copyOf(arguments);
        data = Map.copyOf(data);
    }

    /** Creates a request that does not tell its desktop. */
    public SecondStart(List<String> arguments, String workingDirectory) {
        this(arguments, workingDirectory, Desktop.NONE, Map.of());
    }
}
