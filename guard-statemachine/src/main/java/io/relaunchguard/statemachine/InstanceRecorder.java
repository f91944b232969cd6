package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Writes the instance record of the browser that was let through, once its lock is there. It is written only if the lock
 * names, on this host, this very process or one that descends from it: nobody else was let through.
 */
final class InstanceRecorder {

    private static final Log logger = LogFactory.getLog(InstanceRecorder.class);

    private InstanceRecorder() {}

    /** Records it, if there is one to record. Never throws: without a record a lock may be held that could have been healed. */
    static void record(ProfilePorts ports) {
        try {
            if (ports.instances().isNeeded() && ports.lock().read() instanceof Observation.Seen<SingletonLock> lock) {
                record(ports, lock.value());
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            logger.warn("The instance record cannot be written", e);
        }
    }

    private static void record(ProfilePorts ports, SingletonLock lock) throws IOException {
        Observation<Instant> since = ports.lock().since();
        HostIdentity host = ports.host().read();
        if (!host.host().is(lock.host())
                || !CacheStatus.canName(lock.pid())
                || !(ports.processes().pin(lock.pid()) instanceof Observation.Seen<PinnedProcess> pinned)) {
            return;
        }
        try (PinnedProcess process = pinned.value()) {
            Optional<ProcessIdentity> maker =
                    process.identity().toOptional().filter(identity -> mayBeRecorded(identity, host));
            if (maker.isPresent() && ports.lock().read().is(lock)) {
                write(ports, lock, since, host, maker.get());
            }
        }
    }

    private static boolean mayBeRecorded(ProcessIdentity process, HostIdentity host) {
        return process.state() != ExecutionState.EXITED
                && (process.lineage().is(Lineage.SELF) || process.lineage().is(Lineage.DESCENDANT))
                && process.user().equals(host.user())
                && process.pidNamespace().equals(host.pidNamespace());
    }

    private static void write(
            ProfilePorts ports,
            SingletonLock lock,
            Observation<Instant> since,
            HostIdentity host,
            ProcessIdentity process)
            throws IOException {
        Optional<Instant> made = since.toOptional();
        Optional<String> boot = host.bootId().toOptional();
        Optional<String> namespace = host.pidNamespace().toOptional();
        Optional<String> user = host.user().toOptional();
        Optional<String> profile = ports.markers().profileIdentity().toOptional();
        if (made.isEmpty() || boot.isEmpty() || namespace.isEmpty() || user.isEmpty() || profile.isEmpty()) {
            return;
        }
        // Another process's life would not be told by a lock of ours.
        String lifeLock = process.lineage().is(Lineage.SELF)
                ? ports.instances().keepLifeLock().toOptional().orElse("")
                : "";
        ports.instances()
                .write(new InstanceRecord(
                        lock,
                        made.get(),
                        process.start(),
                        boot.get(),
                        host.machineId().toOptional().orElse(""),
                        namespace.get(),
                        user.get(),
                        profile.get(),
                        lifeLock));
    }
}
