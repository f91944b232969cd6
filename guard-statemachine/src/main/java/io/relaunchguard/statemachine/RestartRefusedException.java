package io.relaunchguard.statemachine;

import java.io.IOException;

/** How this process was started cannot be known, or not be done again, and the message says why: nothing was started. */
public final class RestartRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    RestartRefusedException(String reason) {
        super("this application cannot be started once more in the same way: %s; start it by its command instead"
                .formatted(reason));
    }
}
