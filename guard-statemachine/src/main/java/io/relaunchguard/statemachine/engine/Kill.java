package io.relaunchguard.statemachine.engine;

import java.time.Duration;

/** Forces the holder to end and waits for the exit to be seen: the kernel's word on the signal proves nothing. */
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
