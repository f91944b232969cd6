package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchLock;

/**
 * The launch lock of a launch that may still be writing when its permit is closed. The lock is released after both, so
 * that late writes never reach another launcher's files. Thread-safe.
 */
final class LateRelease implements LaunchLock.Hold {

    private final LaunchLock.Hold hold;
    private boolean written;
    private boolean closed;

    LateRelease(LaunchLock.Hold hold) {
        this.hold = hold;
    }

    /** Notes that the launch has written everything it had to write. */
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
