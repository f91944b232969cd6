package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;

/** The state that pins the holder and reads every fact about it. */
final class HolderRead extends Stage {

    private final HolderControl holder;

    HolderRead(Mailbox mailbox, HolderControl holder) {
        super(mailbox);
        this.holder = holder;
    }

    @Override
    void enter() {
        holder.readFacts();
        mailbox.raise(LifecycleEvent.FACTS_READ);
    }
}
