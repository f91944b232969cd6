package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;

/**
 * Where the recorded instance runs, as far as the {@link InstanceRecord} shows it, and so what would prove that it is
 * gone. For a lock, that instance is the process that created the lock; without a lock, it is the instance that was let
 * through last. Pure. ADR 8 and ADR 20 explain the decisions.
 */
public sealed interface LockOrigin {

    /** An instance of an earlier boot of this machine: none of its processes is alive. */
    record EarlierBoot(SingletonLock lock) implements LockOrigin {

        /** Returns what became of the process that created the lock. */
        public LockMaker maker() {
            return new LockMaker.Gone("process %d of host \"%s\" made it in an earlier boot of this machine"
                    .formatted(lock.pid(), lock.host()));
        }
    }

    /** No instance: none is recorded, or the recorded one has provably ended. */
    record Nobody(String proof) implements LockOrigin {

        /** Returns what became of the recorded process. */
        public LockMaker maker() {
            return new LockMaker.Gone(proof);
        }
    }

    /**
     * The process with this start token in this boot and this PID namespace. The host name does not matter: it may have
     * changed since.
     *
     * @param sameTime whether start tokens read now are comparable to the recorded one: another time namespace shifts
     *     them
     */
    record SameNamespace(SingletonLock lock, String start, boolean sameTime) implements LockOrigin {

        /**
         * Returns what became of the process that created the lock.
         *
         * @param process the process that has the lock's PID now
         */
        public LockMaker maker(Observation<ProcessIdentity> process) {
            if (process instanceof Observation.Unknown) {
                return new LockMaker.Untold(
                        "process %d cannot be examined: %s".formatted(lock.pid(), process.shortfall()));
            }
            if (!(process instanceof Observation.Seen<ProcessIdentity> seen)
                    || seen.value().state() == ExecutionState.EXITED) {
                return new LockMaker.Gone("process %d, which made it on this host under the name \"%s\", has exited"
                        .formatted(lock.pid(), lock.host()));
            }
            if (seen.value().start().equals(start) && sameTime) {
                return new LockMaker.Alive(seen.value());
            }
            return !sameTime
                    ? new LockMaker.Untold(
                            "the guard cannot tell whether process %d made it: its start was read in another time namespace"
                                    .formatted(lock.pid()))
                    : new LockMaker.Gone(
                            "process %d, which made it, has exited, and its PID belongs to another process now"
                                    .formatted(lock.pid()));
        }
    }

    /**
     * An instance of this boot in another PID namespace, such as a container's. Its processes are invisible from here.
     */
    record OtherNamespace(SingletonLock lock, String lifeLock) implements LockOrigin {

        /**
         * Returns what became of the process that created the lock.
         *
         * @param free whether the life lock of that process is free
         */
        public LockMaker maker(Observation<Boolean> free) {
            if (free.is(true)) {
                return new LockMaker.Gone(
                        "process %d of host \"%s\", which made it in another PID namespace of this boot, no longer keeps"
                                        .formatted(lock.pid(), lock.host())
                                + " its lock on the instance record");
            }
            return new LockMaker.Elsewhere(
                    free.is(false)
                            ? "process %d of host \"%s\" is alive in another PID namespace"
                                    .formatted(lock.pid(), lock.host())
                            : free.shortfall());
        }
    }

    /** An origin that the record does not prove. */
    record Unproven(String reason) implements LockOrigin {}

    /**
     * Returns the origin of a lock.
     *
     * @param lock the lock as read
     * @param since when that lock was created
     * @param reading the record as read
     * @param host this host
     * @param profile the identity of the profile directory
     */
    static LockOrigin of(
            SingletonLock lock,
            Observation<Instant> since,
            Observation<InstanceRecord> reading,
            HostIdentity host,
            Observation<String> profile) {
        if (!(reading instanceof Observation.Seen<InstanceRecord> seen)) {
            return new Unproven(reading.shortfall());
        }
        InstanceRecord record = seen.value();
        if (!record.lock().equals(lock) || !record.lockedSince().map(since::is).orElse(false)) {
            return new Unproven("the instance record is of another lock");
        }
        if (!anotherBoot(record, host)) {
            return profile.is(record.profile())
                    ? of(record, host)
                    : new Unproven("the instance record is of another profile directory");
        }
        // A file system may have another device number after each boot, so the profile's identity is not compared. The
        // creation time identifies the lock, or a copy of it; either way the process that created it belongs to an
        // earlier boot.
        return host.machineId().is(record.machineId())
                ? of(record, host)
                : new Unproven("the lock was made in another boot, and not provably on this machine");
    }

    /**
     * Returns the origin of the instance that was let through last, whether or not it has a lock.
     *
     * @param reading the record as read; an absent or foreign record means no instance, because it must stop no launch
     *     (H26), and an unreadable one may name any process
     * @param host this host
     * @param profile the identity of the profile directory
     */
    static LockOrigin ofInstance(Observation<InstanceRecord> reading, HostIdentity host, Observation<String> profile) {
        if (reading instanceof Observation.Unknown) {
            return new Unproven(reading.shortfall());
        }
        if (!(reading instanceof Observation.Seen<InstanceRecord> seen)) {
            return new Nobody(reading.shortfall());
        }
        InstanceRecord record = seen.value();
        if (profile instanceof Observation.Seen && !profile.is(record.profile())) {
            return new Nobody("the instance record is of another profile directory");
        }
        return of(record, host);
    }

    /**
     * Returns whether the record is from an earlier boot, so that none of its processes can be alive. A different boot
     * ID alone does not prove that: a container may have its own beside a live host, see systemd-nspawn(1). The proof
     * also needs an equal machine ID, and that a record from outside any container is not read inside one.
     */
    static boolean isOfAnEarlierBoot(InstanceRecord record, HostIdentity host) {
        return anotherBoot(record, host)
                && host.machineId().is(record.machineId())
                && (host.isInInitialPidNamespace()
                        || !record.pidNamespace().equals(HostIdentity.INITIAL_PID_NAMESPACE));
    }

    private static boolean anotherBoot(InstanceRecord record, HostIdentity host) {
        return host.bootId() instanceof Observation.Seen && !host.bootId().is(record.bootId());
    }

    private static LockOrigin of(InstanceRecord record, HostIdentity host) {
        SingletonLock lock = record.lock();
        if (!host.user().is(record.user())) {
            return new Unproven("the instance record is of another user's process");
        }
        if (!(host.bootId() instanceof Observation.Seen)) {
            return new Unproven(
                    "the running boot is not known: " + host.bootId().shortfall());
        }
        if (isOfAnEarlierBoot(record, host)) {
            return new EarlierBoot(lock);
        }
        if (record.ended()) {
            return new Nobody("the launcher of process %d of host \"%s\" saw that it no longer uses the profile"
                    .formatted(lock.pid(), lock.host()));
        }
        if (anotherBoot(record, host)) {
            return elsewhere(
                    record,
                    "process %d of host \"%s\" was let through under another boot id, and not provably before this machine was"
                            + " started: a container has one of its own, for example");
        }
        if (host.pidNamespace().is(record.pidNamespace())) {
            return new SameNamespace(lock, record.start(), host.timeNamespace().is(record.timeNamespace()));
        }
        if (!(host.pidNamespace() instanceof Observation.Seen)) {
            return new Unproven(
                    "this PID namespace is not known: " + host.pidNamespace().shortfall());
        }
        return elsewhere(
                record,
                "process %d of host \"%s\" was let through in another PID namespace of this boot (such as a container's);"
                        + " the guard cannot tell from here whether it still runs");
    }

    /**
     * Returns the origin for an instance of another PID namespace: if it has a life lock, that is a lock of this
     * kernel, wherever the instance runs.
     */
    private static LockOrigin elsewhere(InstanceRecord record, String unproven) {
        SingletonLock lock = record.lock();
        return record.lifeLock().isEmpty()
                ? new Unproven(unproven.formatted(lock.pid(), lock.host()))
                : new OtherNamespace(lock, record.lifeLock());
    }
}
