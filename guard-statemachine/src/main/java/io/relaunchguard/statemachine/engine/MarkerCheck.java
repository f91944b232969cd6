package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Becomes the only launcher on the profile, within the budget, and claims the marker. */
final class MarkerCheck implements Stage {

    private boolean isDone;

    @Override
    public void enter(Launch launch) {
        launch.waitAtMost(launch.launcherWaitLeft());
        changed(launch);
    }

    @Override
    public void changed(Launch launch) {
        if (!isDone && launch.launchLockDecided()) {
            proceed(launch);
        }
    }

    @Override
    public void elapsed(Launch launch) {
        launch.giveUpLaunchLock();
        proceed(launch);
    }

    private void proceed(Launch launch) {
        isDone = true;
        launch.readMarker();
        launch.raise(LaunchEvent.MARKER_READ);
    }
}
