package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;
import java.time.Duration;

/**
 * Looks whether anybody has the profile, if the launch lock is granted at once. Nothing native is needed for that, nor the Spring
 * machine.
 */
final class Start implements Stage {

    /** A lock that is not granted by then is another launcher's, and MARKER_CHECK goes on waiting for it. */
    private static final Duration AT_ONCE = Duration.ofMillis(500);

    @Override
    public void enter(Launch launch) {
        launch.requestLaunchLock();
        Duration left = launch.launcherWaitLeft();
        launch.waitAtMost(left.compareTo(AT_ONCE) < 0 ? left : AT_ONCE);
    }

    @Override
    public void changed(Launch launch) {
        if (launch.launchLockDecided()) {
            launch.lookWhetherAnybodyIsThere();
            launch.raise(LaunchEvent.PROFILE_READ);
        }
    }

    @Override
    public void elapsed(Launch launch) {
        launch.raise(LaunchEvent.PROFILE_READ);
    }
}
