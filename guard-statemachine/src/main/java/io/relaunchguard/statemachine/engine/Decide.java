package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Does nothing: the guards judge. */
final class Decide extends Stage {

    Decide(Mailbox mailbox) {
        super(mailbox);
    }

    @Override
    void enter() {
        mailbox.raise(LaunchEvent.DECIDED);
    }
}
