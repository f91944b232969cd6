package io.relaunchguard.core.successor;

import java.util.List;

/**
 * How to start this application once more, as it was started. It is known, or refused with the reason: it is never guessed.
 * The program is named as the starter named it, so that a link that leads to the new version by now is followed.
 */
public sealed interface Restart {

    /**
     * The command that starts it.
     *
     * @param command the program and its arguments
     * @param directory the working directory
     * @param files what must be there for that, the program first
     */
    record Known(List<String> command, String directory, List<String> files) implements Restart {

        /** Keeps its own copies. */
        public Known {
            command = List.copyOf(command);
            files = List.copyOf(files);
        }
    }

    /** It cannot be known; {@code reason} says why, as a clause. */
    record Refused(String reason) implements Restart {}

    /** Decides by what was seen. */
    static Restart of(StartFacts facts) {
        return facts.command()
                .toOptional()
                .map(own -> new StartShape(facts, own).restart())
                .orElseGet(() -> new Refused(facts.command().shortfall()));
    }
}
