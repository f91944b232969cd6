package io.relaunchguard.core.secondstart;

import java.util.List;

/**
 * What a second start of a running application was asked to do. It comes from another process of the same user: data, not
 * something to be believed.
 *
 * @param arguments the command line's, without the program
 * @param workingDirectory where it was started: what relative paths in the arguments are relative to
 */
public record SecondStart(List<String> arguments, String workingDirectory) {

    /** Keeps its own copy. */
    public SecondStart {
        arguments = List.copyOf(arguments);
    }
}
