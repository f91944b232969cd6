package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Reads every fact afresh, before force is used. */
final class Revalidate extends Stage {

    private final HolderControl holder;

    Revalidate(Mailbox mailbox, HolderControl holder) {
        super(mailbox);
        this.holder = holder;
    }

    @Override
    void enter() {
        holder.readFacts();
        mailbox.raise(LaunchEvent.FACTS_READ);
    }
}
