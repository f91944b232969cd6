package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lifecycle.LifecycleEvent;

/**
 * The state that becomes the only launcher on the profile, within the budget, and claims the marker. Without the launch
 * lock it only reads the marker.
 */
final class MarkerCheck extends Stage {

    private final LaunchLockRequest launchLock;
    private final Consent consent;
    private boolean isDone;

    MarkerCheck(Mailbox mailbox, LaunchLockRequest launchLock, Consent consent) {
        super(mailbox);
        this.launchLock = launchLock;
        this.consent = consent;
    }

    @Override
    void enter() {
        mailbox.waitAtMost(launchLock.waitLeft());
        changed();
    }

    @Override
    void changed() {
        if (!isDone && launchLock.isDecided()) {
            proceed();
        }
    }

    @Override
    void elapsed() {
        launchLock.giveUp();
        proceed();
    }

    private void proceed() {
        isDone = true;
        if (launchLock.soleLauncher() instanceof Observation.Seen) {
            consent.claim();
        } else {
            consent.peek();
        }
        mailbox.raise(LifecycleEvent.MARKER_READ);
    }
}
