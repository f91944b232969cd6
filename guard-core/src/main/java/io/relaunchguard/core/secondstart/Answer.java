package io.relaunchguard.core.secondstart;

import java.util.Arrays;
import java.util.Optional;

/** What the running instance answers, one byte each. */
public enum Answer {
    /** The start was read; whether anything comes of it is up to the application. The only one that another follows. */
    RECEIVED('R'),
    /** The application has dealt with it. */
    ACCEPTED('A'),
    /** It will not be dealt with. */
    REFUSED('N');

    private final byte code;

    Answer(char code) {
        this.code = (byte) code;
    }

    /** As it is sent. */
    public byte code() {
        return code;
    }

    /** The answer that is sent as {@code code}; empty if none is. */
    public static Optional<Answer> of(byte code) {
        return Arrays.stream(values()).filter(answer -> answer.code == code).findFirst();
    }
}
