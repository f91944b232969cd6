package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.LockMaker;
import io.relaunchguard.core.lock.LockOrigin;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.SafetyFacts.NamedBy;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The reader of the facts, in the only safe order. It reads the browser lock, or without one the instance record. Then
 * it pins the process, and reads the process through the pin. Then it reads lock, record and marker again. It pins
 * once: later readings are of the same process, and the reader compares them with the lock as it was before the pin. If
 * neither lock nor record names a live process, it reads nothing else and needs no native library.
 */
final class FactsReader implements AutoCloseable {

    private static final Observation<ProcessIdentity> NOBODY_ELSE =
            Observation.absent("the instance record names no other live process");

    private final ProfilePorts ports;
    private final Duration maxMarkerAge;
    private Observation<SingletonLock> lock = Observation.unknown("the lock was not read yet");
    private Observation<PinnedProcess> pin = Observation.unknown("no process was pinned yet");
    private Observation<InstanceRecord> record = Observation.unknown("the instance record was not read yet");
    private LockOrigin.@Nullable SameNamespace instance;
    private boolean looked;

    FactsReader(ProfilePorts ports, Duration maxMarkerAge) {
        this.ports = ports;
        this.maxMarkerAge = maxMarkerAge;
    }

    /** Reads everything, and asks for the {@code marker} after the pin. */
    SafetyFacts read(Observation<String> soleLauncher, Supplier<MarkerReading> marker) {
        if (!looked) {
            lock = ports.lock().read();
            record = record();
            if (lock instanceof Observation.Absent && record instanceof Observation.Seen) {
                instance = instance();
            }
        }
        Observation<SingletonLock> named = instance == null ? lock : Observation.seen(instance.lock());
        if (!(named instanceof Observation.Seen<SingletonLock> holderNamed)) {
            looked = true;
            return withoutHolder(soleLauncher, marker.get());
        }
        HostIdentity host = ports.host().read();
        if (!looked) {
            pin = pin(holderNamed.value(), host);
            looked = true;
        }
        Observation<ProcessIdentity> holder = pin.flatMap(PinnedProcess::identity);
        if (instance != null && !holder.map(ProcessIdentity::start).is(instance.start())) {
            // The instance ended, and its PID may be another process's: no process is named.
            lock = Observation.absent("there is no lock file, and the instance that was let through last has ended");
            close();
            pin = Observation.absent(lock.shortfall());
            instance = null;
            return withoutHolder(soleLauncher, marker.get());
        }
        Observation<SingletonLock> after = ports.lock().read();
        Observation<InstanceRecord> recordAfter = record();
        Observation<String> profile = ports.markers().profileIdentity();
        return new SafetyFacts(
                soleLauncher,
                host,
                ports.clock().sinceBoot(),
                profile,
                instance == null ? NamedBy.LOCK : NamedBy.RECORD,
                named,
                pin.map(PinnedProcess::pid),
                holder,
                instance == null ? after : recordAfterPin(after, recordAfter, named),
                instance == null ? otherInstance(recordAfter, holderNamed.value(), host, profile) : NOBODY_ELSE,
                marker.get(),
                maxMarkerAge);
    }

    private Observation<InstanceRecord> record() {
        return ports.instances().isNeeded()
                ? ports.instances().read()
                : Observation.absent("no instance record is needed here");
    }

    /** Returns the live instance that the record names, if this launcher can see it and it is another process. */
    private LockOrigin.@Nullable SameNamespace instance() {
        HostIdentity host = ports.host().read();
        LockOrigin origin = LockOrigin.ofInstance(record, host, ports.markers().profileIdentity());
        return origin instanceof LockOrigin.SameNamespace same
                        && same.sameTime()
                        && same.lock().pid() != host.pid()
                        && host.host() instanceof Observation.Seen<String> name
                ? new LockOrigin.SameNamespace(
                        // Use the name that the host has now: the record is of this boot.
                        new SingletonLock(name.value(), same.lock().pid()), same.start(), true)
                : null;
    }

    private Observation<SingletonLock> recordAfterPin(
            Observation<SingletonLock> lockNow,
            Observation<InstanceRecord> recordNow,
            Observation<SingletonLock> named) {
        if (lockNow instanceof Observation.Unknown || recordNow instanceof Observation.Unknown) {
            return Observation.unknown(
                    lockNow instanceof Observation.Unknown ? lockNow.shortfall() : recordNow.shortfall());
        }
        return lockNow instanceof Observation.Absent && recordNow.equals(record)
                ? named
                : Observation.absent("another instance took its place");
    }

    /** Returns a live process that the record names and the lock does not. */
    private Observation<ProcessIdentity> otherInstance(
            Observation<InstanceRecord> recorded, SingletonLock named, HostIdentity host, Observation<String> profile) {
        LockOrigin origin = LockOrigin.ofInstance(recorded, host, profile);
        if (origin instanceof LockOrigin.SameNamespace same) {
            return same.lock().pid() == named.pid() || same.lock().pid() == host.pid()
                    ? NOBODY_ELSE
                    : alive(same.maker(ports.processes().look(same.lock().pid())));
        }
        if (origin instanceof LockOrigin.OtherNamespace other) {
            return alive(other.maker(ports.instances().isFree(other.lifeLock())));
        }
        return origin instanceof LockOrigin.Unproven unproven ? Observation.unknown(unproven.reason()) : NOBODY_ELSE;
    }

    private static Observation<ProcessIdentity> alive(LockMaker maker) {
        if (maker instanceof LockMaker.Alive alive) {
            return Observation.seen(alive.process());
        }
        if (maker instanceof LockMaker.Elsewhere elsewhere) {
            return Observation.unknown(elsewhere.reason());
        }
        return maker instanceof LockMaker.Untold untold ? Observation.unknown(untold.reason()) : NOBODY_ELSE;
    }

    /** Returns the process that was pinned, if one could be. */
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
            return Observation.unknown("PID %d names no process that may be pinned".formatted(named.pid()));
        }
        return ports.processes().pin(named.pid());
    }

    private SafetyFacts withoutHolder(Observation<String> soleLauncher, MarkerReading marker) {
        String none = lock.shortfall();
        HostIdentity host = new HostIdentity(
                ProcessHandle.current().pid(),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none),
                Observation.unknown(none));
        return new SafetyFacts(
                soleLauncher,
                host,
                Observation.unknown(none),
                Observation.unknown(none),
                NamedBy.LOCK,
                lock,
                Observation.unknown(none),
                Observation.unknown(none),
                lock,
                Observation.unknown(none),
                marker,
                maxMarkerAge);
    }
}
