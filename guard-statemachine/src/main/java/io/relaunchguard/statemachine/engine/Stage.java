package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;

/**
 * The work of one state. Every method runs on the launch's own thread, returns quickly and may throw, unless it says
 * otherwise. The table routes a fault.
 */
abstract class Stage {

    final Mailbox mailbox;

    Stage(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** Begins the work when the launch enters the state. */
    abstract void enter();

    /** Goes on when the time is over that {@link Mailbox#waitAtMost} allowed. */
    void elapsed() {
        mailbox.raise(LifecycleEvent.WAIT_ELAPSED);
    }

    /** Looks again when the holder was seen to exit, or something in the profile changed. */
    void changed() {}

    /**
     * Reads afresh what the guards of a fault ask for, after something broke. What was seen before no longer counts.
     * Must not throw.
     */
    void broken() {}
}
