package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchLock;

/**
 * The launch lock of a launch that may still be writing when its permit is closed: it is let go after both, so that what is
 * written late never hits another launcher's files. Thread-safe.
 */
final class LateRelease implements LaunchLock.Hold {

    private final LaunchLock.Hold hold;
    private boolean written;
    private boolean closed;

    LateRelease(LaunchLock.Hold hold) {
        this.hold = hold;
    }

    /** The launch has written what it had to. */
    void written() {
        synchronized (this) {
            written = true;
            if (!closed) {
                return;
            }
        }
        hold.close();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (!written) {
                return;
            }
        }
        hold.close();
    }
}
