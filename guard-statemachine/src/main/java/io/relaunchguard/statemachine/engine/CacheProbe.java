package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.LockMaker;
import io.relaunchguard.core.lock.LockOrigin;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The probe that looks which process has the cache now. It always asks afresh which process has the lock's PID. An
 * earlier pin of the same PID may be of a process that is gone, while its PID and the lock belong to a healthy
 * successor.
 */
final class CacheProbe implements AutoCloseable {

    private final ProfilePorts ports;
    private final Runnable onHolderExit;
    private @Nullable PinnedProcess watched;
    private Observation<SingletonLock> lock = Observation.unknown("the lock was not read");
    private Observation<InstanceRecord> reading = Observation.unknown("the instance record was not read");
    private List<InstanceRecord.Survivor> survivors = List.of();
    private Observation<ProcessIdentity> holder = Observation.absent("no process was looked for");

    /**
     * Creates a probe.
     *
     * @param onHolderExit called, from another thread, when a holder that was seen alive exits
     */
    CacheProbe(ProfilePorts ports, Runnable onHolderExit) {
        this.ports = ports;
        this.onHolderExit = onHolderExit;
    }

    /** Reads the lock and the instance record, and judges which process has the cache. */
    CacheStatus look() {
        lock = ports.lock().read();
        survivors = List.of();
        reading = ports.instances().isNeeded()
                ? ports.instances().read()
                : Observation.absent("no instance record is needed here");
        CacheStatus seen = lock instanceof Observation.Seen<SingletonLock> named ? judge(named.value()) : withoutLock();
        return seen instanceof CacheStatus.Free || seen instanceof CacheStatus.Stale ? unlessSurvived(seen) : seen;
    }

    private CacheStatus judge(SingletonLock named) {
        HostIdentity host = ports.host().read();
        if (!host.host().is(named.host()) || !CacheStatus.canName(named.pid())) {
            holder = Observation.unknown("the lock names no process that can be looked at from here");
            CacheStatus byLock = CacheStatus.judge(
                    lock, host.host(), holder, Observation.absent(""), Observation.unknown("it was not looked for"));
            return CacheStatus.judge(byLock, named, maker(originOf(named, host), host));
        }
        holder = examine(named.pid());
        boolean alive = holder.toOptional()
                .map(process -> process.state() != ExecutionState.EXITED)
                .orElse(holder instanceof Observation.Unknown);
        Observation<ProcessIdentity> namesake = alive
                ? Observation.absent("the holder is on this side")
                : ports.processes().namesakeInOtherNamespace(named.pid());
        CacheStatus byLock = CacheStatus.judge(
                lock, host.host(), holder, namesake, ports.processes().seesEverybody());
        // A live namesake may be the holder, whatever was recorded.
        return namesake instanceof Observation.Absent
                ? CacheStatus.judge(byLock, named, maker(originOf(named, host), host))
                : byLock;
    }

    private CacheStatus withoutLock() {
        holder = Observation.absent("no lock names a process");
        if (!(lock instanceof Observation.Absent)) {
            return new CacheStatus.Uncertain(lock.shortfall());
        }
        if (reading instanceof Observation.Unknown) {
            return new CacheStatus.Uncertain(
                    "the guard cannot tell which instance it let through last: " + reading.shortfall());
        }
        if (!(reading instanceof Observation.Seen<InstanceRecord> recorded)) {
            return new CacheStatus.Free();
        }
        HostIdentity host = ports.host().read();
        LockOrigin origin = LockOrigin.ofInstance(reading, host, ports.markers().profileIdentity());
        SingletonLock named = recorded.value().lock();
        return CacheStatus.judge(named, maker(origin, host), named.pid() == host.pid());
    }

    /**
     * Returns {@link CacheStatus.Uncertain} while processes that the ended instance left behind may have files of the
     * profile open; otherwise the given status. These are the helpers that had such files open when their holder had
     * ended, and whatever was started since a recorded command was: the command may have left the application in the
     * background. Every launch waits for them, whichever process runs it.
     */
    private CacheStatus unlessSurvived(CacheStatus seen) {
        if (!(reading instanceof Observation.Seen<InstanceRecord> recorded)) {
            return seen;
        }
        InstanceRecord record = recorded.value();
        if (record.survivors().isEmpty() && !record.command()) {
            return seen;
        }
        HostIdentity host = ports.host().read();
        if (LockOrigin.isOfAnEarlierBoot(record, host)) {
            return seen;
        }
        boolean comparable = host.bootId().is(record.bootId())
                && host.pidNamespace().is(record.pidNamespace())
                && host.timeNamespace().is(record.timeNamespace());
        survivors = Stream.concat(
                        record.survivors().stream().filter(survivor -> !comparable || mayUseTheProfile(survivor)),
                        record.command() ? leftBehindBy(record, comparable) : Stream.empty())
                .distinct()
                .toList();
        return survivors.isEmpty()
                ? seen
                : new CacheStatus.Uncertain("processes of the ended instance still have its files open: "
                        + survivors.stream().map(InstanceRecord.Survivor::pid).toList());
    }

    /**
     * Returns the visible processes that have files of the profile open, without those that started before the command.
     *
     * @param comparable whether their start tokens can be compared with that of the command; if not, all of them count
     */
    private Stream<InstanceRecord.Survivor> leftBehindBy(InstanceRecord command, boolean comparable) {
        return ports.processes().others().entrySet().stream()
                .filter(process -> !(comparable && command.isAfter(process.getValue()))
                        && ports.processes().usesProfile(process.getKey()).is(true))
                .map(process -> new InstanceRecord.Survivor(process.getKey(), process.getValue()));
    }

    private boolean mayUseTheProfile(InstanceRecord.Survivor survivor) {
        Observation<ProcessIdentity> now = ports.processes().look(survivor.pid());
        if (now instanceof Observation.Absent
                || now.map(process -> process.state() == ExecutionState.EXITED || !survivor.mayBe(process))
                        .is(true)) {
            return false;
        }
        return !ports.processes().usesProfile(survivor.pid()).is(false);
    }

    private LockOrigin originOf(SingletonLock named, HostIdentity host) {
        return LockOrigin.of(
                named, ports.lock().since(), reading, host, ports.markers().profileIdentity());
    }

    /** Returns what the instance record shows of its process. */
    private LockMaker maker(LockOrigin origin, HostIdentity host) {
        LockMaker maker;
        if (origin instanceof LockOrigin.EarlierBoot earlier) {
            maker = earlier.maker();
        } else if (origin instanceof LockOrigin.Nobody nobody) {
            maker = nobody.maker();
        } else if (origin instanceof LockOrigin.SameNamespace same) {
            long pid = same.lock().pid();
            holder = pid == host.pid() ? ports.processes().look(pid) : examine(pid);
            maker = same.maker(holder);
        } else if (origin instanceof LockOrigin.OtherNamespace other) {
            maker = other.maker(ports.instances().isFree(other.lifeLock()));
        } else {
            maker = new LockMaker.Untold(((LockOrigin.Unproven) origin).reason());
        }
        if (maker instanceof LockMaker.Gone gone) {
            // The process that has this PID now is not the holder.
            close();
            holder = Observation.absent(gone.proof());
        }
        return maker;
    }

    /** Returns the lock as {@link #look} last read it. */
    Observation<SingletonLock> lock() {
        return lock;
    }

    /** Returns the instance record as {@link #look} last read it. */
    Observation<InstanceRecord> record() {
        return reading;
    }

    /** Returns the processes that outlived their holder and may still have files of the profile open. */
    List<InstanceRecord.Survivor> survivors() {
        return survivors;
    }

    /** Returns the process that the lock, or the record, named at that time. */
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

    /**
     * Examines the process with this PID; absent once it has exited. Reads its identity without a pin too, but cannot
     * await its exit then.
     */
    private Observation<ProcessIdentity> examine(long pid) {
        if (watched == null || watched.pid() != pid || watched.hasExited()) {
            close();
            Observation<PinnedProcess> pin = ports.processes().pin(pid);
            if (pin instanceof Observation.Seen<PinnedProcess> pinned) {
                watched = pinned.value();
                if (watched.hasExited()) {
                    // A zombie. If its exit were awaited, the callback would come at once, and again at every look.
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
