package io.relaunchguard.statemachine;

/**
 * The refusal to write a consent marker. The message gives the reason: the process cannot be identified, or it is not
 * ours to mark.
 */
public final class ConsentRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ConsentRefusedException(String message) {
        super(message);
    }
}
