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
 * Writes the instance record: who was let through, the lock that it made, and its end. Only this very process, or one that
 * descends from it, is written down as let through: nobody else was. What is public never throws: a record that cannot be
 * written stops no launch (H26).
 */
public final class InstanceRecorder {

    private static final Log logger = LogFactory.getLog(InstanceRecorder.class);

    private final ProfilePorts ports;

    /** Writes the record of one profile. */
    public InstanceRecorder(ProfilePorts ports) {
        this.ports = ports;
    }

    /**
     * This process is let through. To be called under the launch lock.
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
     * Another process of this one's line uses the profile in its place, such as a browser that it started. To be called under
     * the launch lock.
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

    /** Whether a live descendant other than this process is recorded: it has a guard of its own, and was let through itself. */
    private boolean isBelow(long pid, HostIdentity host) {
        LockOrigin origin = LockOrigin.ofInstance(
                ports.instances().read(), host, ports.markers().profileIdentity());
        return origin instanceof LockOrigin.SameNamespace same
                && same.lock().pid() != pid
                && same.maker(ports.processes().look(same.lock().pid())) instanceof LockMaker.Alive alive
                && alive.process().lineage().is(Lineage.DESCENDANT);
    }

    /**
     * This process keeps the life lock from now on: launchers of other pid namespaces can tell by it whether it lives. To be
     * called under the launch lock.
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

    /** Its lock is there, if it is the lock of a process that was let through. To be called under the launch lock. */
    public void locked() {
        quietly(() -> {
            if (ports.lock().read() instanceof Observation.Seen<SingletonLock> lock) {
                locked(lock.value());
            }
        });
    }

    /** This process will not use the profile after all. To be called under the launch lock. */
    public void givenBack() {
        quietly(() -> ports.instances()
                .read()
                .toOptional()
                .filter(record -> record.lock().pid() == ports.host().read().pid())
                .ifPresent(record -> put(record.asEnded(record.survivors()))));
    }

    /**
     * The recorded instance has ended, if that can be seen here and now; what is written shows it to other pid namespaces. To
     * be called under the launch lock.
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
     * Processes outlived their holder and may have files of the profile open. To be called under the launch lock.
     *
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

    /** Another instance may have been recorded since: it has not ended. */
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
     * The lock that this process keeps for its life, if that shows the life of the recorded one too: it is this process, or
     * the kernel ends it with this one, which is the first of its pid namespace; see pid_namespaces(7).
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
