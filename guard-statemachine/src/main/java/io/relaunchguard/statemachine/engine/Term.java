package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Asks the holder once to end: Chromium dies hard on a second request. A launch that died may have asked it already. */
final class Term implements HolderExitStage {

    @Override
    public void enter(Launch launch) {
        launch.waitAtMost(launch.policy().termGrace());
        if (launch.requestHolderExit()) {
            changed(launch);
        } else {
            // What was not asked is not forced either.
            launch.raise(LaunchEvent.CONSENT_WITHDRAWN);
        }
    }
}
