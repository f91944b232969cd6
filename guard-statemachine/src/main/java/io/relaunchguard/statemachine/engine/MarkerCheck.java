package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Becomes the only launcher on the profile, within the budget, and claims the marker. */
final class MarkerCheck implements Stage {

    @Override
    public void enter(Launch launch) {
        launch.waitAtMost(launch.policy().launcherWait());
        launch.requestLaunchLock();
    }

    @Override
    public void changed(Launch launch) {
        if (launch.launchLockDecided()) {
            proceed(launch);
        }
    }

    @Override
    public void elapsed(Launch launch) {
        launch.giveUpLaunchLock();
        proceed(launch);
    }

    private static void proceed(Launch launch) {
        launch.readMarker();
        launch.raise(LaunchEvent.MARKER_READ);
    }
}
