package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Predicate;

/** The writer of a consent marker on behalf of a process of this user. An updater uses it just before the restart. */
public final class MarkerWriter {

    private final ProfilePorts ports;

    /** Creates a writer for the profile of these ports. */
    public MarkerWriter(ProfilePorts ports) {
        this.ports = ports;
    }

    /**
     * Writes the marker, in place of any older one.
     *
     * @param pid the PID of the process that is to be replaced
     * @param fromVersion the version that goes; may be empty
     * @param toVersion the version that comes; may be empty
     * @param untilDeadline how long from now the process may take to end by itself
     * @return the marker as it was written
     * @throws ConsentRefusedException if there is no such process, it is not this user's, or it cannot be identified
     *     beyond doubt; nothing was written
     * @throws IOException if the file cannot be written; nothing is left behind
     */
    public ConsentMarker write(long pid, String fromVersion, String toVersion, Duration untilDeadline)
            throws IOException {
        return write(pid, process -> true, fromVersion, toVersion, untilDeadline);
    }

    /**
     * Writes the marker for a process that the caller has looked at before, such as one that the caller asked a person
     * about.
     *
     * @param process the process as it was seen; it must still be the same
     * @param untilDeadline how long from now it may take to end by itself
     * @return the marker as it was written
     * @throws ConsentRefusedException as above, or if the PID belongs to another process by now; nothing was written
     * @throws IOException if the file cannot be written; nothing is left behind
     */
    public ConsentMarker write(ProcessIdentity process, Duration untilDeadline) throws IOException {
        return write(process, "", "", untilDeadline);
    }

    /** Writes the marker for such a process before an update. */
    ConsentMarker write(ProcessIdentity process, String fromVersion, String toVersion, Duration untilDeadline)
            throws IOException {
        return write(process.pid(), now -> now.start().equals(process.start()), fromVersion, toVersion, untilDeadline);
    }

    /** Writes the marker as the last step: nothing that can fail comes after it. */
    private ConsentMarker write(
            long pid, Predicate<ProcessIdentity> isMeant, String fromVersion, String toVersion, Duration untilDeadline)
            throws IOException {
        ConsentMarker marker = identify(pid, isMeant, fromVersion, toVersion, untilDeadline);
        ports.markers().write(marker);
        return marker;
    }

    private ConsentMarker identify(
            long pid,
            Predicate<ProcessIdentity> isMeant,
            String fromVersion,
            String toVersion,
            Duration untilDeadline) {
        if (!CacheStatus.canName(pid)) {
            throw new ConsentRefusedException("%d is not the PID of an application".formatted(pid));
        }
        Observation<PinnedProcess> pin = ports.processes().pin(pid);
        if (!(pin instanceof Observation.Seen<PinnedProcess> pinned)) {
            throw new ConsentRefusedException("process %d cannot be marked: %s".formatted(pid, pin.shortfall()));
        }
        try (PinnedProcess process = pinned.value()) {
            ProcessIdentity identity = required("process " + pid, process.identity());
            if (!isMeant.test(identity)) {
                throw new ConsentRefusedException(
                        "the process that was %d is gone; another has its PID now".formatted(pid));
            }
            return marker(identity, fromVersion, toVersion, untilDeadline);
        }
    }

    private ConsentMarker marker(
            ProcessIdentity process, String fromVersion, String toVersion, Duration untilDeadline) {
        HostIdentity host = ports.host().read();
        String user = required("this user", host.user());
        String namespace = required("this PID namespace", host.pidNamespace());
        if (process.state() == ExecutionState.EXITED) {
            throw new ConsentRefusedException("process %d has exited".formatted(process.pid()));
        }
        if (!process.user().is(user)) {
            throw new ConsentRefusedException(
                    "process %d is not this user's; only its own user can consent for it".formatted(process.pid()));
        }
        if (!process.pidNamespace().is(namespace)) {
            throw new ConsentRefusedException("process %d is in another PID namespace; write its marker inside that one"
                    .formatted(process.pid()));
        }
        Duration now = required("the time since boot", ports.clock().sinceBoot());
        return new ConsentMarker(
                process.pid(),
                process.start(),
                required("the boot id", host.bootId()),
                required("this host's name", host.host()),
                host.machineId() instanceof Observation.Absent ? "" : required("the machine id", host.machineId()),
                namespace,
                user,
                required("the profile directory", ports.markers().profileIdentity()),
                process.executable().toOptional().orElse(""),
                fromVersion,
                toVersion,
                UUID.randomUUID().toString(),
                now,
                ports.clock().now(),
                now.plus(untilDeadline));
    }

    private static <T> T required(String what, Observation<T> observation) {
        return observation
                .toOptional()
                .orElseThrow(() -> new ConsentRefusedException(
                        "the guard cannot read %s: %s".formatted(what, observation.shortfall())));
    }
}
