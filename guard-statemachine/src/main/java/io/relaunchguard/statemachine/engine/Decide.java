package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** The state that does nothing itself: the guards judge. */
final class Decide extends Stage {

    Decide(Mailbox mailbox) {
        super(mailbox);
    }

    @Override
    void enter() {
        mailbox.raise(LaunchEvent.DECIDED);
    }
}
