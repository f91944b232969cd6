package io.relaunchguard.core.secondstart;

import java.time.Duration;

/**
 * The timeouts of a second start that waits for the running instance.
 *
 * @param answer how long the instance may take to handle the start once it has started
 * @param starting how long the instance may continue to start
 * @param closing how long the instance may continue to close
 */
public record Patience(Duration answer, Duration starting, Duration closing) {

    /** Returns timeouts that wait for an answer alone, and not for an instance that is starting or closing. */
    public static Patience forAnswer(Duration answer) {
        return new Patience(answer, Duration.ZERO, Duration.ZERO);
    }
}
