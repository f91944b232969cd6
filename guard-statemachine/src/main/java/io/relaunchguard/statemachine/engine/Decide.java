package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Does nothing: the guards judge. */
final class Decide implements Stage {

    @Override
    public void enter(Launch launch) {
        launch.raise(LaunchEvent.DECIDED);
    }
}
