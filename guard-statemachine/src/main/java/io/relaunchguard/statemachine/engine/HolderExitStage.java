package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;

/** The base of a state that is over once the holder has exited. */
abstract class HolderExitStage extends Stage {

    final HolderControl holder;

    HolderExitStage(Mailbox mailbox, HolderControl holder) {
        super(mailbox);
        this.holder = holder;
    }

    @Override
    void changed() {
        if (holder.hasExited()) {
            mailbox.raise(LifecycleEvent.HOLDER_EXITED);
        }
    }
}
