package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lifecycle.LaunchEvent;
import io.relaunchguard.core.process.Activity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the consenting holder to end by itself. Each time the grace runs out while it makes progress, the state is
 * entered anew, until the bound is reached: an old instance that is still saving data is not wedged. The first grace counts
 * from the consent, each further one from the progress that was seen. One that says that it is closing has the time that it
 * names, within the same bound.
 */
final class TeardownGrace implements HolderExitStage {

    private Observation<Activity> atEntry = Observation.unknown("not entered yet");
    private @Nullable Duration next;
    private long enteredAt;

    @Override
    public void enter(Launch launch) {
        if (launch.holderHasExited()) {
            launch.raise(LaunchEvent.HOLDER_EXITED);
            return;
        }
        enteredAt = launch.nanoTime();
        atEntry = launch.holderActivity();
        Duration left = launch.graceLeft();
        Duration grace = next == null ? launch.firstGrace() : next;
        launch.waitAtMost(grace.compareTo(left) < 0 ? grace : left);
    }

    @Override
    public void elapsed(Launch launch) {
        next = madeProgress(launch) ? launch.policy().teardownGrace() : launch.holderClosingLeft();
        if (!next.isZero() && !launch.graceLeft().isZero()) {
            launch.raise(LaunchEvent.PROGRESS_SEEN);
        } else {
            launch.readFacts();
            launch.raise(LaunchEvent.WAIT_ELAPSED);
        }
    }

    private boolean madeProgress(Launch launch) {
        return atEntry instanceof Observation.Seen<Activity> before
                && launch.holderActivity() instanceof Observation.Seen<Activity> now
                && now.value().isProgressSince(before.value(), Duration.ofNanos(launch.nanoTime() - enteredAt));
    }
}
