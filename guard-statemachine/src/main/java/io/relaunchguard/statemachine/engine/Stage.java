package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/**
 * What one state does. Every method runs on the launch's mailbox thread, returns quickly and may throw: a fault is routed
 * by the table.
 */
interface Stage {

    /** The state was entered. */
    void enter(Launch launch);

    /** The time that {@link Launch#waitAtMost} allowed is over. */
    default void elapsed(Launch launch) {
        launch.raise(LaunchEvent.WAIT_ELAPSED);
    }

    /** The holder was seen to exit, or something in the profile changed. */
    default void changed(Launch launch) {}

    /** Something broke, and what was seen before counts no more: reads afresh what the guards of its fault ask for. Must not throw. */
    default void broken(Launch launch) {}
}
