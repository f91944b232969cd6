package io.relaunchguard.statemachine.engine;

/** Asks the holder once to end: Chromium dies hard on a second request. */
final class Term implements HolderExitStage {

    @Override
    public void enter(Launch launch) {
        launch.waitAtMost(launch.policy().termGrace());
        launch.requestHolderExit();
        changed(launch);
    }
}
