package io.relaunchguard.core.secondstart;

import java.util.Map;

/**
 * An answer of the running instance, with its details.
 *
 * @param text a sentence for users, or empty
 * @param data what the application adds for its own later versions
 */
public record Reply(Answer answer, String text, Map<String, String> data) {

    /** Copies the map, so that the reply is immutable. */
    public Reply {
        data = Map.copyOf(data);
    }

    /** Returns a reply with an answer alone. */
    public static Reply of(Answer answer) {
        return of(answer, "");
    }

    /** Returns a reply with an answer and a sentence for users. */
    public static Reply of(Answer answer, String text) {
        return new Reply(answer, text, Map.of());
    }
}
