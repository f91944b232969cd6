package io.relaunchguard.statemachine.engine;

import java.time.Duration;

/**
 * The state that forces the holder to end and waits until it sees the exit. The kernel's answer to the signal proves
 * nothing.
 */
final class Kill extends HolderExitStage {

    private final Duration confirmation;

    Kill(Mailbox mailbox, HolderControl holder, Duration confirmation) {
        super(mailbox, holder);
        this.confirmation = confirmation;
    }

    @Override
    void enter() {
        mailbox.waitAtMost(confirmation);
        holder.forceExit();
        changed();
    }
}
