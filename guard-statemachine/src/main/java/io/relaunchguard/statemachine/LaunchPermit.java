package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.ProfilePorts;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The permit to initialise CEF on the profile: whoever does takes it as an argument, and closes it once CEF holds its own
 * lock. Until then no other launcher gets past its first state. Only a launch that ended READY yields one. Thread-safe.
 */
public final class LaunchPermit implements AutoCloseable {

    private final ProfilePorts ports;
    private final LaunchReport report;
    private LaunchLock.@Nullable Hold hold;
    private @Nullable Watch watch;

    LaunchPermit(ProfilePorts ports, LaunchReport report, LaunchLock.@Nullable Hold hold) {
        this.ports = ports;
        this.report = report;
        this.hold = hold;
    }

    /** What the launch saw and did. */
    public LaunchReport report() {
        return report;
    }

    /** The profile that may be used: CEF's root cache path. */
    public Path profile() {
        return ports.profile();
    }

    /**
     * Makes the permit close itself as soon as a browser holds the profile's lock. The wait is on a daemon thread that ends
     * with it.
     *
     * @return this
     * @throws java.io.UncheckedIOException if the profile directory cannot be watched; the permit stays open
     */
    public LaunchPermit closeOnceLocked() {
        Watch started = ports.lock().watch(this::closeIfLocked);
        boolean needless;
        synchronized (this) {
            needless = hold == null || watch != null;
            if (!needless) {
                watch = started;
            }
        }
        if (needless) {
            started.close();
        } else {
            closeIfLocked();
        }
        return this;
    }

    /** Lets other launchers go on. May be called twice. */
    @Override
    public void close() {
        LaunchLock.Hold held;
        Watch watching;
        synchronized (this) {
            held = hold;
            watching = watch;
            hold = null;
            watch = null;
        }
        if (watching != null) {
            watching.close();
        }
        if (held != null) {
            held.close();
        }
    }

    private void closeIfLocked() {
        if (!(ports.lock().read() instanceof Observation.Absent)) {
            close();
        }
    }
}
