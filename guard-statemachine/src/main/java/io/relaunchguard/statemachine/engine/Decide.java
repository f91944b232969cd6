package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;

/** The state that does nothing itself: the guards judge. */
final class Decide extends Stage {

    Decide(Mailbox mailbox) {
        super(mailbox);
    }

    @Override
    void enter() {
        mailbox.raise(LifecycleEvent.DECIDED);
    }
}
