package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.LockMaker;
import io.relaunchguard.core.lock.LockOrigin;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Looks who has the cache now. It always asks afresh who has the lock's pid: an earlier pin of the same number may be of a
 * process that is gone, while its pid and the lock belong to a healthy successor.
 */
final class CacheProbe implements AutoCloseable {

    private final ProfilePorts ports;
    private final Runnable onHolderExit;
    private @Nullable PinnedProcess watched;
    private Observation<SingletonLock> lock = Observation.unknown("the lock was not read");
    private Observation<ProcessIdentity> holder = Observation.absent("no process was looked for");

    /**
     * A probe.
     *
     * @param onHolderExit called, from another thread, when a holder that was seen alive exits
     */
    CacheProbe(ProfilePorts ports, Runnable onHolderExit) {
        this.ports = ports;
        this.onHolderExit = onHolderExit;
    }

    /** Looks. */
    CacheStatus look() {
        lock = ports.lock().read();
        if (!(lock instanceof Observation.Seen<SingletonLock> seen)) {
            holder = Observation.absent("no lock names a process");
            return CacheStatus.judge(lock, Observation.unknown(""), holder, Observation.absent(""));
        }
        SingletonLock named = seen.value();
        HostIdentity host = ports.host().read();
        if (!host.host().is(named.host()) || !CacheStatus.canName(named.pid())) {
            holder = Observation.unknown("the lock names no process that can be looked at from here");
            CacheStatus byLock = CacheStatus.judge(lock, host.host(), holder, Observation.absent(""));
            return CacheStatus.judge(byLock, named, maker(named, host));
        }
        holder = examine(named.pid());
        boolean alive = holder.toOptional()
                .map(process -> process.state() != ExecutionState.EXITED)
                .orElse(holder instanceof Observation.Unknown);
        if (alive) {
            CacheStatus byLock =
                    CacheStatus.judge(lock, host.host(), holder, Observation.absent("the holder is on this side"));
            return CacheStatus.judge(byLock, named, maker(named, host));
        }
        return CacheStatus.judge(lock, host.host(), holder, ports.processes().namesakeInOtherNamespace(named.pid()));
    }

    /** What the instance record shows of the lock's maker; asked only where the lock alone does not show it dead. */
    private LockMaker maker(SingletonLock named, HostIdentity host) {
        LockOrigin origin = LockOrigin.of(
                named,
                ports.lock().since(),
                ports.instances().read(),
                host,
                ports.markers().profileIdentity());
        LockMaker maker;
        if (origin instanceof LockOrigin.EarlierBoot earlier) {
            maker = earlier.maker();
        } else if (origin instanceof LockOrigin.SameNamespace same) {
            holder = examine(named.pid());
            maker = same.maker(holder);
        } else if (origin instanceof LockOrigin.OtherNamespace other) {
            maker = other.maker(ports.instances().isFree(other.lifeLock()));
        } else {
            maker = new LockMaker.Untold(((LockOrigin.Unproven) origin).reason());
        }
        if (maker instanceof LockMaker.Gone gone) {
            // Whoever has the pid now is not the holder.
            close();
            holder = Observation.absent(gone.proof());
        }
        return maker;
    }

    /** The lock when {@link #look} was last called. */
    Observation<SingletonLock> lock() {
        return lock;
    }

    /** The process that it named. */
    Observation<ProcessIdentity> holder() {
        return holder;
    }

    @Override
    public void close() {
        if (watched != null) {
            watched.close();
            watched = null;
        }
    }

    /** Absent once it has exited; without a pin it is looked at all the same, but its exit cannot be awaited. */
    private Observation<ProcessIdentity> examine(long pid) {
        if (watched == null || watched.pid() != pid || watched.hasExited()) {
            close();
            Observation<PinnedProcess> pin = ports.processes().pin(pid);
            if (pin instanceof Observation.Seen<PinnedProcess> pinned) {
                watched = pinned.value();
                if (watched.hasExited()) {
                    // A zombie: were its exit awaited, it would be told of at once, and again at every look.
                    close();
                    return Observation.absent("process %d has exited".formatted(pid));
                }
                watched.onExit(onHolderExit);
            } else if (pin instanceof Observation.Absent<PinnedProcess> gone) {
                return Observation.absent(gone.detail());
            } else {
                return ports.processes().look(pid);
            }
        }
        return watched.identity();
    }
}
