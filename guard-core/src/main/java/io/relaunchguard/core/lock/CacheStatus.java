package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;

/** Whether the profile may be used, judged from the browser lock and the process that it names. Pure. */
public sealed interface CacheStatus {

    /** The highest PID: every supported system's PIDs fit a signed 32-bit {@code pid_t}. */
    long MAX_PID = Integer.MAX_VALUE;

    /**
     * The profile is free: there is no lock, and the instance that was let through last is gone, or is this process.
     */
    record Free() implements CacheStatus {}

    /** A stale lock: its holder is provably gone. */
    record Stale(SingletonLock lock, String proof) implements CacheStatus {}

    /** A live process uses the profile. */
    record InUse(SingletonLock lock, ProcessIdentity holder) implements CacheStatus {}

    /** The status is unknown, which counts as in use. */
    record Uncertain(String reason) implements CacheStatus {}

    /**
     * Judges a lock.
     *
     * @param lock the lock as read
     * @param localHost this host's name, as gethostname(2) returns it
     * @param holder the process with the lock's PID on this host; ignored unless the lock can name one
     * @param namesake a process of another PID namespace that has that PID there
     * @param everybody seen if a process that is invisible provably does not exist
     */
    static CacheStatus judge(
            Observation<SingletonLock> lock,
            Observation<String> localHost,
            Observation<ProcessIdentity> holder,
            Observation<ProcessIdentity> namesake,
            Observation<String> everybody) {
        if (lock instanceof Observation.Absent) {
            return new Free();
        }
        if (!(lock instanceof Observation.Seen<SingletonLock> seen)) {
            return new Uncertain(lock.shortfall());
        }
        SingletonLock named = seen.value();
        if (!(localHost instanceof Observation.Seen)) {
            return new Uncertain("this host's own name is not known: " + localHost.shortfall());
        }
        if (!localHost.is(named.host())) {
            return new Uncertain(
                    "the lock names another host, \"%s\"; the guard cannot tell from here whether that instance is alive"
                            .formatted(named.host()));
        }
        if (!canName(named.pid())) {
            return new Uncertain(
                    "the lock names PID %d, which no browser of this namespace can have".formatted(named.pid()));
        }
        if (holder instanceof Observation.Unknown) {
            return new Uncertain("process %d cannot be examined: %s".formatted(named.pid(), holder.shortfall()));
        }
        if (holder instanceof Observation.Seen<ProcessIdentity> process
                && process.value().state() != ExecutionState.EXITED) {
            return new InUse(named, process.value());
        }
        if (!(namesake instanceof Observation.Absent)) {
            return new Uncertain(
                    "PID %d is alive in another PID namespace and may be using the profile".formatted(named.pid()));
        }
        if (!(everybody instanceof Observation.Seen)) {
            return new Uncertain("process %d cannot be seen from here, which does not show that it is gone: %s"
                    .formatted(named.pid(), everybody.shortfall()));
        }
        return new Stale(named, "process %d on this host has exited".formatted(named.pid()));
    }

    /**
     * Refines a judgement with what the instance record shows of the process that created the lock.
     *
     * @param byLock the judgement by the lock alone
     */
    static CacheStatus judge(CacheStatus byLock, SingletonLock lock, LockMaker maker) {
        if (maker instanceof LockMaker.Alive alive) {
            return new InUse(lock, alive.process());
        }
        if (maker instanceof LockMaker.Elsewhere elsewhere) {
            return new Uncertain(elsewhere.reason());
        }
        if (byLock instanceof Stale) {
            return byLock;
        }
        if (maker instanceof LockMaker.Gone gone) {
            return new Stale(lock, gone.proof());
        }
        return byLock instanceof Uncertain uncertain && maker instanceof LockMaker.Untold untold
                ? new Uncertain(uncertain.reason() + "; " + untold.reason())
                : byLock;
    }

    /**
     * Judges a profile without a lock by the instance that was let through last.
     *
     * @param recorded what the lock of that instance would say
     * @param instance what became of that instance
     * @param isSelf whether that instance is this process
     */
    static CacheStatus judge(SingletonLock recorded, LockMaker instance, boolean isSelf) {
        if (instance instanceof LockMaker.Alive alive) {
            return isSelf ? new Free() : new InUse(recorded, alive.process());
        }
        if (instance instanceof LockMaker.Elsewhere elsewhere) {
            return new Uncertain(elsewhere.reason());
        }
        return instance instanceof LockMaker.Untold untold ? new Uncertain(untold.reason()) : new Free();
    }

    /** Returns whether a browser can have this PID: above 1, and in range before any narrowing conversion. */
    static boolean canName(long pid) {
        return pid > 1 && pid <= MAX_PID;
    }
}
