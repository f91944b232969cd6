package io.relaunchguard.testing;

import java.io.Serial;

/** CI lacks what a test needs. */
final class MissingNeedException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    MissingNeedException(String message) {
        super(message);
    }
}
