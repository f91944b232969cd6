package io.relaunchguard.statemachine;

import java.io.IOException;

/**
 * The refusal to start this process again: its start cannot be known, or cannot be repeated. The message gives the
 * reason. Nothing was started.
 */
public final class RestartRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    RestartRefusedException(String reason) {
        super("this application cannot be started once more in the same way: %s; start it by its command instead"
                .formatted(reason));
    }
}
