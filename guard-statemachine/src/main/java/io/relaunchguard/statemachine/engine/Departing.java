package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The process that consented, after it has released its browser lock: the lock goes before its process. The guard never
 * signals it.
 */
final class Departing implements AutoCloseable {

    private final ProfilePorts ports;
    private final Consent consent;
    private final Runnable onExit;
    private @Nullable PinnedProcess pin;

    /**
     * Creates an object that knows no process yet.
     *
     * @param onExit called, from another thread, when the process exits
     */
    Departing(ProfilePorts ports, Consent consent, Runnable onExit) {
        this.ports = ports;
        this.consent = consent;
        this.onExit = onExit;
    }

    /** Returns whether the process is still alive. */
    boolean isAlive() {
        if (pin == null && consent.marker() instanceof MarkerReading.Valid valid) {
            pin(valid.marker());
        }
        return pin != null && !pin.hasExited();
    }

    /**
     * Returns whether the process that consented, whichever it is, may still have files of the profile open. If so, it
     * outlives its time, as helpers do. This compares neither its start token nor its user: another time namespace
     * reads another start token, and a process may change its user.
     */
    boolean mayUseTheProfile() {
        MarkerReading marker = consent.markerReadOnce();
        if (!(marker instanceof MarkerReading.Valid valid)
                || !CacheStatus.canName(valid.marker().pid())) {
            return marker instanceof MarkerReading.Unreadable;
        }
        ConsentMarker consented = valid.marker();
        Observation<Boolean> uses = ports.processes().usesProfile(consented.pid());
        if (uses.is(false) || uses instanceof Observation.Absent) {
            return false;
        }
        HostIdentity host = ports.host().read();
        return !differs(host.bootId(), consented.bootId())
                && !differs(host.pidNamespace(), consented.pidNamespace())
                && !(uses instanceof Observation.Unknown && hasEnded(consented.pid()));
    }

    @Override
    public void close() {
        if (pin != null) {
            pin.close();
        }
    }

    private void pin(ConsentMarker consented) {
        HostIdentity host = ports.host().read();
        if (!host.bootId().is(consented.bootId())
                || !host.pidNamespace().is(consented.pidNamespace())
                || !CacheStatus.canName(consented.pid())
                || !(ports.processes().pin(consented.pid()) instanceof Observation.Seen<PinnedProcess> pinned)) {
            return;
        }
        pin = pinned.value();
        if (pin.identity().map(ProcessIdentity::start).is(consented.start())) {
            pin.onExit(onExit);
        } else {
            pin.close();
            pin = null;
        }
    }

    private boolean hasEnded(long pid) {
        return ports.processes()
                .look(pid)
                .map(process -> process.state() == ExecutionState.EXITED)
                .is(true);
    }

    private static boolean differs(Observation<String> seen, String expected) {
        return seen instanceof Observation.Seen && !seen.is(expected);
    }
}
