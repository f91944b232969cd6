package io.relaunchguard.core.successor;

import java.util.List;

/**
 * How to start this application again in the same way. The command is known, or refused with a reason; it is never
 * guessed. It names the program as the starter named it, so that a link that points to the new version by then is
 * followed.
 */
public sealed interface Restart {

    /**
     * The command that starts the application.
     *
     * @param command the program and its arguments
     * @param directory the working directory
     * @param files the files that must exist for that, the program first
     */
    record Known(List<String> command, String directory, List<String> files) implements Restart {

        /** Copies the lists, so that the command is immutable. */
        public Known {
            command = List.copyOf(command);
            files = List.copyOf(files);
        }
    }

    /** The command cannot be known; {@code reason} says why, as a clause. */
    record Refused(String reason) implements Restart {}

    /** Determines the command from the facts. */
    static Restart of(StartFacts facts) {
        return facts.command()
                .toOptional()
                .map(own -> new StartShape(facts, own).restart())
                .orElseGet(() -> new Refused(facts.command().shortfall()));
    }
}
