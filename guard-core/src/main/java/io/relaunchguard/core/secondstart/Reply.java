package io.relaunchguard.core.secondstart;

import java.util.Map;

/**
 * An answer of the running instance, with what it has to say about it.
 *
 * @param text a sentence for people, or empty
 * @param data what the application adds for its own later versions
 */
public record Reply(Answer answer, String text, Map<String, String> data) {

    /** Keeps its own copy. */
    public Reply {
        data = Map.copyOf(data);
    }

    /** An answer that says it all. */
    public static Reply of(Answer answer) {
        return of(answer, "");
    }

    /** An answer with a sentence. */
    public static Reply of(Answer answer, String text) {
        return new Reply(answer, text, Map.of());
    }
}
