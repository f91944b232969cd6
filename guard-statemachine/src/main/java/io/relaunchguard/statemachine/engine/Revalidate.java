package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;

/** The state that reads every fact afresh, before the launch uses force. */
final class Revalidate extends Stage {

    private final HolderControl holder;

    Revalidate(Mailbox mailbox, HolderControl holder) {
        super(mailbox);
        this.holder = holder;
    }

    @Override
    void enter() {
        holder.readFacts();
        mailbox.raise(LifecycleEvent.FACTS_READ);
    }
}
