package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/**
 * What one state does. Every method runs on the launch's own thread, returns quickly and may throw, unless it says otherwise: a fault is routed
 * by the table.
 */
abstract class Stage {

    final Mailbox mailbox;

    Stage(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** The state was entered. */
    abstract void enter();

    /** The time that {@link Mailbox#waitAtMost} allowed is over. */
    void elapsed() {
        mailbox.raise(LaunchEvent.WAIT_ELAPSED);
    }

    /** The holder was seen to exit, or something in the profile changed. */
    void changed() {}

    /** Something broke, and what was seen before counts no more: reads afresh what the guards of a fault ask for. Must not throw. */
    void broken() {}
}
