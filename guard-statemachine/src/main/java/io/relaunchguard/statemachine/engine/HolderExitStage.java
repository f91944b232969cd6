package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** A state that is over once the holder has exited. */
interface HolderExitStage extends Stage {

    @Override
    default void changed(Launch launch) {
        if (launch.holderHasExited()) {
            launch.raise(LaunchEvent.HOLDER_EXITED);
        }
    }
}
