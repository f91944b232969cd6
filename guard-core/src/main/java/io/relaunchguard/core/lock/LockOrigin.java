package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;

/**
 * Where the recorded instance runs, as far as the {@link InstanceRecord} shows it, and with that what would prove that it is
 * gone: of a lock, its maker; without one, the instance that was let through. Pure. The decisions are ADR 8 and ADR 20.
 */
public sealed interface LockOrigin {

    /** In an earlier boot of this machine: nothing of it is alive. */
    record EarlierBoot(SingletonLock lock) implements LockOrigin {

        /** What has become of the maker. */
        public LockMaker maker() {
            return new LockMaker.Gone("process %d of host \"%s\" made it in an earlier boot of this machine"
                    .formatted(lock.pid(), lock.host()));
        }
    }

    /** Nobody is recorded, or the one that is has provably ended. */
    record Nobody(String proof) implements LockOrigin {

        /** What has become of it. */
        public LockMaker maker() {
            return new LockMaker.Gone(proof);
        }
    }

    /**
     * In this boot and this pid namespace, by the process with this start token, whatever the host was called then.
     *
     * @param sameTime whether start tokens are read as they were then: another time namespace shifts them
     */
    record SameNamespace(SingletonLock lock, String start, boolean sameTime) implements LockOrigin {

        /**
         * What has become of the maker.
         *
         * @param process the process with the lock's pid now
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
                            "whether process %d is the one that made it cannot be told: its start was read in another time namespace"
                                    .formatted(lock.pid()))
                    : new LockMaker.Gone(
                            "process %d, which made it, has exited, and its pid belongs to another process now"
                                    .formatted(lock.pid()));
        }
    }

    /** In this boot, but in another pid namespace, such as a container's; its processes cannot be seen from here. */
    record OtherNamespace(SingletonLock lock, String lifeLock) implements LockOrigin {

        /**
         * What has become of the maker.
         *
         * @param free whether nobody keeps its life lock any more
         */
        public LockMaker maker(Observation<Boolean> free) {
            if (free.is(true)) {
                return new LockMaker.Gone(
                        "process %d of host \"%s\", which made it in another pid namespace of this boot, no longer keeps"
                                        .formatted(lock.pid(), lock.host())
                                + " its lock on the instance record");
            }
            return new LockMaker.Elsewhere(
                    free.is(false)
                            ? "process %d of host \"%s\" is alive in another pid namespace"
                                    .formatted(lock.pid(), lock.host())
                            : free.shortfall());
        }
    }

    /** The record does not show it. */
    record Unproven(String reason) implements LockOrigin {}

    /**
     * Where this lock was made.
     *
     * @param lock the lock as read
     * @param since when that lock was made
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
        // A file system may have another device number after each boot. The lock is known by its time, and its maker,
        // whose copy it may be, is of an earlier boot wherever it lies now.
        return host.machineId().is(record.machineId())
                ? of(record, host)
                : new Unproven("the lock was made in another boot, and not provably on this machine");
    }

    /**
     * Where the instance runs that was let through last, whether or not it has a lock.
     *
     * @param reading the record as read; one that says nothing shows nobody, because it stops no launch (H26), and one that
     *     cannot be read may name anybody
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
     * Whether nothing of the record can be alive any more, because it is of an earlier boot. Another boot id alone does not show
     * that: a container may have one of its own beside a live host, see systemd-nspawn(1). It takes the machine's own id, and
     * that a record from outside any container is not read inside one.
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
                    "this pid namespace is not known: " + host.pidNamespace().shortfall());
        }
        return elsewhere(
                record,
                "process %d of host \"%s\" was let through in another pid namespace of this boot, a container's for example,"
                        + " and whether it still runs cannot be told from here");
    }

    /** Its life lock, if it keeps one, is a lock of this kernel, wherever it runs. */
    private static LockOrigin elsewhere(InstanceRecord record, String unproven) {
        SingletonLock lock = record.lock();
        return record.lifeLock().isEmpty()
                ? new Unproven(unproven.formatted(lock.pid(), lock.host()))
                : new OtherNamespace(lock, record.lifeLock());
    }
}
