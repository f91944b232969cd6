package io.relaunchguard.core.lock;

import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The record of the instance that was let through last, written by its launcher. {@code docs/instance-record.md}
 * describes the file. It is never a consent. While its process lives, the record names the holder of the profile,
 * whether or not there is a {@code SingletonLock}. Once the process is provably gone, the record can prove that the
 * lock of that process is stale.
 *
 * @param lock what the lock says, or would say: the host name and the PID
 * @param lockedSince when exactly that lock was created, see {@link LockStore#since()}; a later lock with the same
 *     content has another time. Empty while no lock of the process was seen
 * @param start the raw start token of the process
 * @param bootId the ID of the boot that the process runs in
 * @param machineId the machine ID; empty where the machine has none
 * @param pidNamespace the identity of the PID namespace of the process
 * @param timeNamespace the identity of the time namespace in which the start token was read; empty if unknown
 * @param user the account that the process runs as
 * @param profile the identity of the profile directory, so that a record in a copy of it proves nothing
 * @param lifeLock the name of the life lock, the kernel lock that the process keeps until it ends; empty if it has none
 * @param command whether the process is a command that the launcher started in its place, which may end before the
 *     application does; false once its browser lock was seen
 * @param ended whether the process that started the instance saw its exit
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
        boolean command,
        boolean ended,
        List<Survivor> survivors) {

    /** Copies the list, so that the record is immutable. */
    public InstanceRecord {
        survivors = List.copyOf(survivors);
    }

    /**
     * A process that outlived its holder.
     *
     * @param pid the PID in the PID namespace of the record
     * @param start the raw start token
     */
    public record Survivor(long pid, String start) {

        /** The start token of a process that was alive but could not be examined. */
        public static final String UNKNOWN = "unknown";

        /** Returns whether the process may be this survivor, judged by its start token. */
        public boolean mayBe(ProcessIdentity process) {
            return start.equals(UNKNOWN) || start.equals(process.start());
        }
    }

    /**
     * Returns whether a process certainly started before the recorded one.
     *
     * @param other the raw start token of that process, a number like this one, read in the same time namespace
     */
    public boolean isAfter(String other) {
        try {
            return Long.parseLong(other) < Long.parseLong(start);
        } catch (NumberFormatException incomparable) {
            return false;
        }
    }

    /** Returns a copy with the life lock of the process. */
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
                command,
                ended,
                survivors);
    }

    /**
     * Returns a copy for a process whose exit was seen.
     *
     * @param left the processes that still have files of the profile open
     */
    public InstanceRecord asEnded(List<Survivor> left) {
        return with(true, left);
    }

    /** Returns a copy with other processes that have files of the profile open. */
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
                command,
                hasEnded,
                left);
    }
}
