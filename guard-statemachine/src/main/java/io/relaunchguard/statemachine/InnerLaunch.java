package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.core.lock.LockMaker;
import io.relaunchguard.core.lock.LockOrigin;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A launch within another that was permitted: an ancestor of this process has the permit for the profile and has started this
 * process, as when a launcher starts an application that has a guard of its own. This launch follows every rule, on the same
 * profile, with two differences. Its lock is the one that {@linkplain io.relaunchguard.core.launch.LaunchLock#inner() one
 * process} below the ancestor can have, and the ancestor's instance record does not hold it. It trusts no environment variable:
 * the ancestor is the process that the launch lock names, and the process table shows that it is one.
 */
final class InnerLaunch {

    private static final Log logger = LogFactory.getLog(InnerLaunch.class);

    private final ProfilePorts outer;
    private final ProfilePorts inner;
    private final long ancestor;

    private InnerLaunch(ProfilePorts outer, ProfilePorts inner, long ancestor) {
        this.outer = outer;
        this.inner = inner;
        this.ancestor = ancestor;
    }

    /** Returns the inner launch that begins now on these ports; empty if this launch is none, or if that is unknown. */
    static Optional<InnerLaunch> of(ProfilePorts ports) {
        try {
            return ancestor(ports)
                    .filter(owner -> isUndisturbed(ports))
                    .flatMap(owner -> ports.launchLock()
                            .inner()
                            .map(lock -> new InnerLaunch(
                                    ports,
                                    new ProfilePorts(
                                            ports.profile(),
                                            ports.host(),
                                            ports.processes(),
                                            ports.lock(),
                                            new WithoutAncestors(ports),
                                            ports.markers(),
                                            lock,
                                            ports.history(),
                                            ports.threadDumps(),
                                            ports.clock()),
                                    owner)));
        } catch (RuntimeException | LinkageError e) {
            logger.debug("The guard cannot tell whether an ancestor has the permit", e);
            return Optional.empty();
        }
    }

    /** Returns the ports that this launch runs on. */
    ProfilePorts ports() {
        return inner;
    }

    /**
     * Returns whether the permit of this launch is valid: this process is recorded, and the ancestor still has the launch lock.
     * From now on a launcher that gets that lock finds the record.
     */
    boolean isCovered() {
        try {
            HostIdentity host = outer.host().read();
            boolean isRecorded = outer.instances()
                    .read()
                    .map(record ->
                            !record.ended() && isOf(record, outer.processes().look(host.pid())))
                    .is(true);
            return isRecorded
                    && ancestor(outer).filter(owner -> owner == ancestor).isPresent();
        } catch (RuntimeException | LinkageError e) {
            logger.debug("The guard cannot tell whether an ancestor has the permit", e);
            return false;
        }
    }

    private static boolean isOf(InstanceRecord record, Observation<ProcessIdentity> process) {
        return process.map(self ->
                        self.pid() == record.lock().pid() && self.start().equals(record.start()))
                .is(true);
    }

    private static Optional<Long> ancestor(ProfilePorts ports) {
        return ports.launchLock()
                .owner()
                .toOptional()
                .filter(owner -> isAncestor(ports.processes().look(owner)));
    }

    private static boolean isAncestor(Observation<ProcessIdentity> process) {
        return process.map(identity -> identity.state() != ExecutionState.EXITED
                        && identity.lineage().is(Lineage.ANCESTOR))
                .is(true);
    }

    /** Returns whether no browser runs and no process consents. Otherwise the ancestor lets the launch lock go. */
    private static boolean isUndisturbed(ProfilePorts ports) {
        return ports.lock().read() instanceof Observation.Absent
                && ports.markers().peek() instanceof MarkerReading.Absent;
    }

    /** Reads the instance record as absent while it is that of a live ancestor of this process. */
    private record WithoutAncestors(ProfilePorts ports) implements InstanceRecordStore {

        @Override
        public boolean isNeeded() {
            return ports.instances().isNeeded();
        }

        @Override
        public Path file() {
            return ports.instances().file();
        }

        @Override
        public Observation<InstanceRecord> read() {
            Observation<InstanceRecord> reading = ports.instances().read();
            LockOrigin origin = LockOrigin.ofInstance(
                    reading, ports.host().read(), ports.markers().profileIdentity());
            return origin instanceof LockOrigin.SameNamespace same
                            && same.maker(ports.processes().look(same.lock().pid())) instanceof LockMaker.Alive alive
                            && isAncestor(Observation.seen(alive.process()))
                    ? Observation.absent(
                            "the instance record is of an ancestor, in whose place this process is launched")
                    : reading;
        }

        @Override
        public void write(InstanceRecord record) throws IOException {
            ports.instances().write(record);
        }

        @Override
        public void letThroughUnrecorded() {
            ports.instances().letThroughUnrecorded();
        }

        @Override
        public Observation<String> keepLifeLock() {
            return ports.instances().keepLifeLock();
        }

        @Override
        public void keepLifeLockAside(Consumer<Observation<String>> answer) {
            ports.instances().keepLifeLockAside(answer);
        }

        @Override
        public Observation<Boolean> isFree(String lifeLock) {
            return ports.instances().isFree(lifeLock);
        }
    }
}
