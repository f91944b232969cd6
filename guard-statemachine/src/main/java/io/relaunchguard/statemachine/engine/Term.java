package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;
import java.time.Duration;

/**
 * The state that asks the holder once to end, because Chromium dies hard on a second request. A launch that died may
 * have asked the holder already.
 */
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
            // Never force a holder that was not asked.
            mailbox.raise(LifecycleEvent.CONSENT_WITHDRAWN);
        }
    }
}
