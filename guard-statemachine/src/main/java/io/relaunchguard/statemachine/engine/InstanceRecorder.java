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
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Writes the instance record: the instance that was let through, the lock that it made, and its end. It records only this very
 * process or one that descends from it, because no other process was let through. Its public methods log a failure and never
 * throw: a record that cannot be written stops no launch (H26). Has no state of its own; callers hold the launch lock.
 */
public final class InstanceRecorder {

    private static final Log logger = LogFactory.getLog(InstanceRecorder.class);

    private final ProfilePorts ports;

    /** Creates a writer of the record of one profile. */
    public InstanceRecorder(ProfilePorts ports) {
        this.ports = ports;
    }

    /**
     * Records that this process was let through. Call this under the launch lock.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    void letThrough() {
        if (!ports.instances().isNeeded()) {
            return;
        }
        HostIdentity host = ports.host().read();
        Optional<String> name = host.host().toOptional();
        Optional<ProcessIdentity> self = ports.processes().look(host.pid()).toOptional();
        if (name.isPresent() && self.isPresent()) {
            // Where every observer sees this process no lock is needed to show that it lives, nor the native library.
            String lifeLock =
                    ports.processes().seesEverybody() instanceof Observation.Seen ? "" : lifeLock(self.get(), host);
            try {
                record(new SingletonLock(name.get(), host.pid()), Optional.empty(), host, self.get(), lifeLock, false)
                        .ifPresent(this::put);
            } catch (UncheckedIOException e) {
                ports.instances().letThroughUnrecorded();
                throw e;
            }
        }
    }

    /**
     * Records that a descendant of this process uses the profile in its place, such as a browser that it started. Call this
     * under the launch lock.
     *
     * @param pid the PID of that process
     */
    public void usedBy(long pid) {
        quietly(() -> {
            HostIdentity host = ports.host().read();
            if (isBelow(pid, host)) {
                return;
            }
            // If it has ended already, it may have left the application behind all the same.
            Optional<ProcessIdentity> process = ports.processes()
                    .look(pid)
                    .toOptional()
                    .filter(identity -> mayBeRecorded(identity, host))
                    .or(() -> ports.processes().look(host.pid()).toOptional());
            if (process.isPresent() && host.host() instanceof Observation.Seen<String> name) {
                record(
                                new SingletonLock(name.value(), process.get().pid()),
                                Optional.empty(),
                                host,
                                process.get(),
                                lifeLock(process.get(), host),
                                true)
                        .ifPresent(this::put);
            }
        });
    }

    /**
     * Returns whether the record names a live descendant of this process other than {@code pid}: that one has a guard of its
     * own, which let it through.
     */
    private boolean isBelow(long pid, HostIdentity host) {
        LockOrigin origin = LockOrigin.ofInstance(
                ports.instances().read(), host, ports.markers().profileIdentity());
        return origin instanceof LockOrigin.SameNamespace same
                && same.lock().pid() != pid
                && same.maker(ports.processes().look(same.lock().pid())) instanceof LockMaker.Alive alive
                && alive.process().lineage().is(Lineage.DESCENDANT);
    }

    /**
     * Records that this process keeps the life lock from now on. By that lock, launchers in other PID namespaces can tell
     * whether this process lives. Call this under the launch lock.
     *
     * @param lifeLock the name of the lock
     */
    public void keeps(String lifeLock) {
        quietly(() -> ports.instances()
                .read()
                .toOptional()
                .filter(record -> record.lifeLock().isEmpty() && !record.ended())
                .filter(record -> isOf(
                        record,
                        ports.processes().look(ports.host().read().pid()).toOptional()))
                .ifPresent(record -> put(record.withLifeLock(lifeLock))));
    }

    /** Records the browser lock, if a process that was let through has made it. Call this under the launch lock. */
    public void locked() {
        quietly(() -> {
            if (ports.lock().read() instanceof Observation.Seen<SingletonLock> lock) {
                locked(lock.value());
            }
        });
    }

    /** Records that this process will not use the profile after all. Call this under the launch lock. */
    public void givenBack() {
        quietly(() -> ports.instances()
                .read()
                .toOptional()
                .filter(record -> record.lock().pid() == ports.host().read().pid())
                .ifPresent(record -> put(record.asEnded(record.survivors()))));
    }

    /**
     * Records that the recorded instance has ended, if this process can see that now. The record shows it to launchers in other
     * PID namespaces. Call this under the launch lock.
     */
    public void ended() {
        quietly(() -> {
            Observation<InstanceRecord> reading = ports.instances().read();
            LockOrigin origin = LockOrigin.ofInstance(
                    reading, ports.host().read(), ports.markers().profileIdentity());
            if (origin instanceof LockOrigin.SameNamespace same
                    && same.maker(ports.processes().look(same.lock().pid())) instanceof LockMaker.Gone) {
                reading.toOptional().ifPresent(record -> put(record.asEnded(record.survivors())));
            }
        });
    }

    /**
     * Records the processes that outlived their holder and may have files of the profile open. Call this under the launch lock.
     *
     * @param survivors those processes
     * @param holder the process whose files they have, if it is known
     * @param hasExited whether its exit was seen
     * @throws UncheckedIOException if it cannot be written
     */
    void survived(List<InstanceRecord.Survivor> survivors, Optional<ProcessIdentity> holder, boolean hasExited) {
        if (!ports.instances().isNeeded()) {
            return;
        }
        HostIdentity host = ports.host().read();
        Optional<InstanceRecord> known = ports.instances().read().toOptional();
        if (known.isPresent()) {
            InstanceRecord record = known.get();
            put(hasExited && isOf(record, holder) ? record.asEnded(survivors) : record.beside(survivors));
        } else if (holder.isPresent() && host.host() instanceof Observation.Seen<String> name) {
            record(new SingletonLock(name.value(), holder.get().pid()), Optional.empty(), host, holder.get(), "", false)
                    .ifPresent(record -> put(record.asEnded(survivors)));
        }
    }

    /** Returns whether the record is the holder's. If it is not, another instance was recorded since, and has not ended. */
    private static boolean isOf(InstanceRecord record, Optional<ProcessIdentity> holder) {
        return holder.filter(process ->
                        process.pid() == record.lock().pid() && process.start().equals(record.start()))
                .isPresent();
    }

    private void locked(SingletonLock lock) {
        Observation<Instant> since = ports.lock().since();
        HostIdentity host = ports.host().read();
        if (!host.host().is(lock.host()) || !(since instanceof Observation.Seen)) {
            return;
        }
        if (lock.pid() == host.pid()) {
            locked(lock, since.toOptional(), host, ports.processes().look(lock.pid()));
        } else if (CacheStatus.canName(lock.pid())
                && ports.processes().pin(lock.pid()) instanceof Observation.Seen<PinnedProcess> pinned) {
            try (PinnedProcess process = pinned.value()) {
                locked(lock, since.toOptional(), host, process.identity());
            }
        }
    }

    private void locked(
            SingletonLock lock, Optional<Instant> since, HostIdentity host, Observation<ProcessIdentity> process) {
        Optional<ProcessIdentity> maker = process.toOptional().filter(identity -> mayBeRecorded(identity, host));
        if (maker.isPresent() && ports.lock().read().is(lock)) {
            record(lock, since, host, maker.get(), lifeLock(maker.get(), host), false)
                    .ifPresent(this::put);
        }
    }

    /**
     * Returns the life lock of this process, if it also shows whether the recorded process lives; else an empty text. It does
     * if the recorded process is this one, or if this one is the first of its PID namespace: the kernel then ends the recorded
     * process with it, see pid_namespaces(7).
     */
    private String lifeLock(ProcessIdentity process, HostIdentity host) {
        return process.lineage().is(Lineage.SELF) || host.pid() == 1
                ? ports.instances().keepLifeLock().toOptional().orElse("")
                : "";
    }

    private static boolean mayBeRecorded(ProcessIdentity process, HostIdentity host) {
        return process.state() != ExecutionState.EXITED
                && (process.lineage().is(Lineage.SELF) || process.lineage().is(Lineage.DESCENDANT))
                && process.user().equals(host.user())
                && process.pidNamespace().equals(host.pidNamespace());
    }

    private Optional<InstanceRecord> record(
            SingletonLock lock,
            Optional<Instant> since,
            HostIdentity host,
            ProcessIdentity process,
            String lifeLock,
            boolean command) {
        Optional<String> boot = host.bootId().toOptional();
        Optional<String> namespace = host.pidNamespace().toOptional();
        Optional<String> user = host.user().toOptional();
        Optional<String> profile = ports.markers().profileIdentity().toOptional();
        if (boot.isEmpty() || namespace.isEmpty() || user.isEmpty() || profile.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new InstanceRecord(
                lock,
                since,
                process.start(),
                boot.get(),
                host.machineId().toOptional().orElse(""),
                namespace.get(),
                host.timeNamespace().toOptional().orElse(""),
                user.get(),
                profile.get(),
                lifeLock,
                command,
                false,
                List.of()));
    }

    private void put(InstanceRecord record) {
        try {
            ports.instances().write(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void quietly(Runnable writing) {
        try {
            if (ports.instances().isNeeded()) {
                writing.run();
            }
        } catch (RuntimeException | LinkageError e) {
            logger.warn("The instance record cannot be written", e);
        }
    }
}
