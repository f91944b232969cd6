package io.relaunchguard.core.secondstart;

import java.util.Arrays;
import java.util.Optional;

/** What the running instance answers to a second start. */
public enum Answer {
    /** The start was read; whether anything comes of it is up to the application. Others follow. */
    RECEIVED,
    /** The application is still starting and deals with it afterwards. Others follow. */
    STARTING,
    /** The application is closing: its end is near, and a start after that succeeds. No other follows. */
    CLOSING,
    /** The application has dealt with it. The last one. */
    ACCEPTED,
    /** It will not be dealt with. The last one. */
    REFUSED,
    /** It will not be dealt with, because the person would not see it: the application is on another display. The last one. */
    ELSEWHERE;

    /** Whether the application has decided, so that the connection ends with it. */
    public boolean isLast() {
        return this == ACCEPTED || this == REFUSED || this == ELSEWHERE;
    }

    /** The answer of this name; empty if there is none, as when a later version has more. */
    static Optional<Answer> named(String name) {
        return Arrays.stream(values())
                .filter(answer -> answer.name().equals(name))
                .findFirst();
    }
}
