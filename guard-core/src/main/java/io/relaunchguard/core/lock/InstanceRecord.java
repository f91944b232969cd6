package io.relaunchguard.core.lock;

import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which process was let through last, written down by the launcher that did it. {@code docs/instance-record.md} describes the
 * file. It is never consent to anything. While its process lives it names the holder of the profile, whether or not there is
 * a {@code SingletonLock}; when the process is provably gone it can show that the lock it made is stale.
 *
 * @param lock what the lock says, or would say: the host's name and the process
 * @param lockedSince when that very lock was made, see {@link LockStore#since()}; a later lock that says the same has another.
 *     Empty while no lock of the process was seen
 * @param start the raw start token of the process
 * @param bootId the boot it runs in
 * @param machineId the machine's own id; empty where the machine has none
 * @param pidNamespace the identity of its pid namespace
 * @param timeNamespace the identity of the time namespace in which its start token was read; empty if it is not known
 * @param user the account it runs as
 * @param profile the identity of the profile directory, so that a record in a copy of it shows nothing
 * @param lifeLock the kernel lock that the process itself keeps until it ends; empty if it keeps none
 * @param ended whether its exit was seen by the process that started it
 * @param survivors processes that still had files of the profile open when their holder had ended
 */
public record InstanceRecord(
        SingletonLock lock,
        Optional<Instant> lockedSince,
        String start,
        String bootId,
        String machineId,
        String pidNamespace,
        String timeNamespace,
        String user,
        String profile,
        String lifeLock,
        boolean ended,
        List<Survivor> survivors) {

    /** Keeps its own copy. */
    public InstanceRecord {
        survivors = List.copyOf(survivors);
    }

    /**
     * A process that outlived its holder.
     *
     * @param pid its id in the record's pid namespace
     * @param start its raw start token
     */
    public record Survivor(long pid, String start) {

        /** The start of a process that was alive, but could not be examined. */
        public static final String UNKNOWN = "unknown";

        /** Whether that may be it, by its start. */
        public boolean mayBe(ProcessIdentity process) {
            return start.equals(UNKNOWN) || start.equals(process.start());
        }
    }

    /** The same, with the lock that the process keeps for its life. */
    public InstanceRecord withLifeLock(String name) {
        return new InstanceRecord(
                lock,
                lockedSince,
                start,
                bootId,
                machineId,
                pidNamespace,
                timeNamespace,
                user,
                profile,
                name,
                ended,
                survivors);
    }

    /** The same, of a process whose exit was seen. */
    public InstanceRecord asEnded(List<Survivor> left) {
        return with(true, left);
    }

    /** The same, with others that have files of the profile open. */
    public InstanceRecord beside(List<Survivor> left) {
        return with(ended, left);
    }

    private InstanceRecord with(boolean hasEnded, List<Survivor> left) {
        return new InstanceRecord(
                lock,
                lockedSince,
                start,
                bootId,
                machineId,
                pidNamespace,
                timeNamespace,
                user,
                profile,
                lifeLock,
                hasEnded,
                left);
    }
}
