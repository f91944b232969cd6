package io.relaunchguard.core.secondstart;

import java.time.Duration;

/**
 * How long a second start waits for the running instance.
 *
 * @param answer how long that may take to deal with it once it has started
 * @param starting how long it may go on starting
 * @param closing how long it may go on closing
 */
public record Patience(Duration answer, Duration starting, Duration closing) {

    /** For an answer alone: what is starting or closing is not waited for. */
    public static Patience forAnswer(Duration answer) {
        return new Patience(answer, Duration.ZERO, Duration.ZERO);
    }
}
