package io.relaunchguard.core.secondstart;

import java.util.Arrays;
import java.util.Optional;

/** An answer of the running instance to a second start. */
public enum Answer {
    /** The instance has read the start; what it does about it is up to the application. Other answers follow. */
    RECEIVED,
    /** The application is still starting and will handle the start afterwards. Other answers follow. */
    STARTING,
    /** The application is closing: it will end soon, and a start after that succeeds. No other answer follows. */
    CLOSING,
    /** The application has handled the start. Final. */
    ACCEPTED,
    /** The application will not handle the start. Final. */
    REFUSED,
    /**
     * The application will not handle the start, because it is on another display, where the user would not see it.
     * Final.
     */
    ELSEWHERE;

    /** Returns whether the answer is a decision of the application, with which the connection ends. */
    public boolean isLast() {
        return this == ACCEPTED || this == REFUSED || this == ELSEWHERE;
    }

    /** Returns the answer of this name; empty if there is none, for example if a later version has more. */
    static Optional<Answer> named(String name) {
        return Arrays.stream(values())
                .filter(answer -> answer.name().equals(name))
                .findFirst();
    }
}
