package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchReport;
import org.jspecify.annotations.Nullable;

/**
 * The permit to initialise CEF on the profile: whoever does takes it as an argument, and closes it once CEF holds its own
 * lock. Until then no other launcher gets past its first state. Only a launch that ended READY yields one. Thread-safe.
 */
public final class LaunchPermit implements AutoCloseable {

    private final LaunchReport report;
    private final LaunchLock.@Nullable Hold hold;

    LaunchPermit(LaunchReport report, LaunchLock.@Nullable Hold hold) {
        this.report = report;
        this.hold = hold;
    }

    /** What the launch saw and did. */
    public LaunchReport report() {
        return report;
    }

    /** Lets other launchers go on. May be called twice. */
    @Override
    public void close() {
        if (hold != null) {
            hold.close();
        }
    }
}
