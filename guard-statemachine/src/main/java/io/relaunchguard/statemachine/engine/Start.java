package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LifecycleEvent;
import java.time.Duration;

/**
 * The state that looks whether another process has the profile, if the launch lock is granted at once. That needs no
 * native library and no Spring machine.
 */
final class Start extends Stage {

    /**
     * The time for a grant at once. A lock that is not granted by then is another launcher's, and MARKER_CHECK goes on
     * waiting for it.
     */
    private static final Duration AT_ONCE = Duration.ofMillis(500);

    private final LaunchLockRequest launchLock;
    private final ProfileLooks looks;

    Start(Mailbox mailbox, LaunchLockRequest launchLock, ProfileLooks looks) {
        super(mailbox);
        this.launchLock = launchLock;
        this.looks = looks;
    }

    @Override
    void enter() {
        launchLock.make();
        Duration left = launchLock.waitLeft();
        mailbox.waitAtMost(left.compareTo(AT_ONCE) < 0 ? left : AT_ONCE);
    }

    @Override
    void changed() {
        if (launchLock.isDecided()) {
            looks.take();
            mailbox.raise(LifecycleEvent.PROFILE_READ);
        }
    }

    @Override
    void elapsed() {
        mailbox.raise(LifecycleEvent.PROFILE_READ);
    }
}
