package io.relaunchguard.statemachine;

import java.io.IOException;

/**
 * The refusal to start this process again: its start cannot be known, or cannot be repeated. The message gives the
 * reason. Nothing was started.
 */
public final class RestartRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private RestartRefusedException(String message) {
        super(message);
    }

    /** Returns the refusal where the start of this process cannot be known or repeated. */
    static RestartRefusedException inTheSameWay(String reason) {
        return new RestartRefusedException(
                "this application cannot be started once more in the same way: %s; start it by its command instead"
                        .formatted(reason));
    }

    /** Returns the refusal where this process cannot start any successor. */
    static RestartRefusedException noSuccessor(String hindrance) {
        return new RestartRefusedException(
                "this application cannot start a successor: %s; let an updater start it, see startedElsewhere"
                        .formatted(hindrance));
    }
}
