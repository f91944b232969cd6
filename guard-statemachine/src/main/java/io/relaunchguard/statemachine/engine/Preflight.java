package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;
import java.time.Duration;

/**
 * Waits until nobody live holds the cache. That is: no lock, or one that is provably stale and could be removed; no helper
 * of an ended holder with files of the profile still open; and a consenting process that has already let go of its lock has
 * had its time to exit. Whoever did not consent is not waited for as long, unless it says that it is closing.
 */
final class Preflight implements Stage {

    private boolean hasBeenFree;

    @Override
    public void enter(Launch launch) {
        if (hasBeenFree) {
            // Taken again since, or another launcher has come: it is looked at once more before the launch is held.
            launch.watchProfile();
            launch.waitAtMost(Duration.ZERO);
            return;
        }
        if (launch.anotherLauncherIsKnownToBeAtWork()) {
            launch.raise(LaunchEvent.WAIT_ELAPSED);
            return;
        }
        launch.waitAtMost(launch.cacheRelease());
        if (!takeIfFree(launch, false)) {
            launch.watchProfile();
            takeIfFree(launch, false);
        }
    }

    @Override
    public void changed(Launch launch) {
        takeIfFree(launch, false);
    }

    @Override
    public void elapsed(Launch launch) {
        if (takeIfFree(launch, true)) {
            return;
        }
        Duration closing = launch.closingWait();
        if (closing.isZero()) {
            launch.raise(LaunchEvent.WAIT_ELAPSED);
        } else {
            launch.waitAtMost(closing);
        }
    }

    @Override
    public void broken(Launch launch) {
        launch.lookAgainAfterFault();
    }

    private boolean takeIfFree(Launch launch, boolean last) {
        launch.resumeHelpers();
        boolean free = launch.cacheIsFree(!last);
        if (free) {
            hasBeenFree = true;
            launch.raise(LaunchEvent.CACHE_FREE);
        }
        return free;
    }
}
