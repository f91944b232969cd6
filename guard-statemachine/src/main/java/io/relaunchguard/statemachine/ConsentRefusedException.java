package io.relaunchguard.statemachine;

/** No consent marker was written, and the message says why: the process cannot be identified, or is not ours to mark. */
public final class ConsentRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ConsentRefusedException(String message) {
        super(message);
    }
}
