package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;
import java.time.Duration;

/** Asks the holder once to end: Chromium dies hard on a second request. A launch that died may have asked it already. */
final class Term extends HolderExitStage {

    private final Duration grace;

    Term(Mailbox mailbox, HolderControl holder, Duration grace) {
        super(mailbox, holder);
        this.grace = grace;
    }

    @Override
    void enter() {
        mailbox.waitAtMost(grace);
        if (holder.requestExit()) {
            changed();
        } else {
            // What was not asked is not forced either.
            mailbox.raise(LaunchEvent.CONSENT_WITHDRAWN);
        }
    }
}
