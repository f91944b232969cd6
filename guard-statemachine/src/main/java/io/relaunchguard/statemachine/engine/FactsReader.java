package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.LaunchFacts;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Reads the facts in the only safe order: the lock, then the pin, then, through the pin, the process, then lock and marker
 * again. It pins once: later readings are of the same process and are compared with the lock as it was before the pin.
 * Without a lock nothing else is read, and no native library is needed.
 */
final class FactsReader implements AutoCloseable {

    private final ProfilePorts ports;
    private final Duration maxMarkerAge;
    private Observation<SingletonLock> lock = Observation.unknown("the lock was not read yet");
    private Observation<PinnedProcess> pin = Observation.unknown("no process was pinned yet");
    private boolean looked;

    FactsReader(ProfilePorts ports, Duration maxMarkerAge) {
        this.ports = ports;
        this.maxMarkerAge = maxMarkerAge;
    }

    /** Reads everything; {@code marker} is asked after the pin. */
    LaunchFacts read(Observation<String> soleLauncher, Supplier<MarkerReading> marker) {
        if (!looked) {
            lock = ports.lock().read();
        }
        if (!(lock instanceof Observation.Seen<SingletonLock> named)) {
            looked = true;
            return withoutHolder(soleLauncher, marker.get());
        }
        HostIdentity host = ports.host().read();
        if (!looked) {
            pin = pin(named.value(), host);
            looked = true;
        }
        Observation<ProcessIdentity> holder = pin.flatMap(PinnedProcess::identity);
        return new LaunchFacts(
                soleLauncher,
                host,
                ports.clock().sinceBoot(),
                ports.markers().profileIdentity(),
                lock,
                pin.map(PinnedProcess::pid),
                holder,
                ports.lock().read(),
                marker.get(),
                maxMarkerAge);
    }

    /** The process that was pinned, if one could be. */
    Observation<PinnedProcess> pin() {
        return pin;
    }

    @Override
    public void close() {
        pin.toOptional().ifPresent(PinnedProcess::close);
    }

    private Observation<PinnedProcess> pin(SingletonLock named, HostIdentity host) {
        if (!host.host().is(named.host())) {
            return Observation.unknown("the lock does not name a process of this host");
        }
        if (!CacheStatus.canName(named.pid())) {
            return Observation.unknown("pid %d names no process that may be pinned".formatted(named.pid()));
        }
        return ports.processes().pin(named.pid());
    }

    private LaunchFacts withoutHolder(Observation<String> soleLauncher, MarkerReading marker) {
        String none = lock.shortfall();
        HostIdentity host = new HostIdentity(
                ProcessHandle.current().pid(),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none));
        return new LaunchFacts(
                soleLauncher,
                host,
                Observation.unknown(none),
                Observation.unknown(none),
                lock,
                Observation.unknown(none),
                Observation.unknown(none),
                lock,
                marker,
                maxMarkerAge);
    }
}
