package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;

/**
 * Where a lock was made, as far as the {@link InstanceRecord} shows it, and with that what would prove that its maker is
 * gone. Pure. The decision is ADR 8.
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

    /** In this boot and this pid namespace, by the process with this start token, whatever the host was called then. */
    record SameNamespace(SingletonLock lock, String start) implements LockOrigin {

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
            return seen.value().start().equals(start)
                    ? new LockMaker.Alive(seen.value())
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
            return new LockMaker.Untold(
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
        if (!record.lock().equals(lock) || !since.is(record.lockedSince())) {
            return new Unproven("the instance record is of another lock");
        }
        if (!profile.is(record.profile())) {
            return new Unproven("the instance record is of another profile directory");
        }
        if (!host.user().is(record.user())) {
            return new Unproven("the instance record is of another user's process");
        }
        if (!(host.bootId() instanceof Observation.Seen)) {
            return new Unproven(
                    "the running boot is not known: " + host.bootId().shortfall());
        }
        if (!host.bootId().is(record.bootId())) {
            return host.machineId().is(record.machineId())
                    ? new EarlierBoot(lock)
                    : new Unproven("the lock was made in another boot, and not provably on this machine");
        }
        if (host.pidNamespace().is(record.pidNamespace())) {
            return new SameNamespace(lock, record.start());
        }
        if (!(host.pidNamespace() instanceof Observation.Seen)) {
            return new Unproven(
                    "this pid namespace is not known: " + host.pidNamespace().shortfall());
        }
        return record.lifeLock().isEmpty()
                ? new Unproven("the lock was made in another pid namespace of this boot, a container's for example, and"
                        + " whether that still runs cannot be told from here")
                : new OtherNamespace(lock, record.lifeLock());
    }
}
