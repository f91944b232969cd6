package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.ShellWord;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordCodec;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.platform.file.OwnerOnlyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The instance record as a file in the profile directory; {@code docs/instance-record.md} describes it. */
public final class FileInstanceRecordStore implements InstanceRecordStore {

    /** The name of the file. */
    static final String RECORD = "RelaunchGuard.instance";

    /**
     * The file systems that only one kernel uses at a time. On any other, the process that created a lock may be alive
     * on another machine, and two machines may give a shared directory the same identity.
     */
    private static final Set<String> LOCAL =
            Set.of("ext4", "xfs", "btrfs", "f2fs", "zfs", "tmpfs", "overlay", "apfs", "hfs");

    private final Path profile;
    private final OwnerOnlyFile file;
    private final LifeLock lifeLock;
    private final FileSystemType fileSystem;
    private final Predicate<Path> mayBeLocked;
    private final Predicate<Instant> isOfThisBoot;

    /** A source of the type of the file system that a directory is on. */
    @FunctionalInterface
    public interface FileSystemType {

        /** The type from the mount table. */
        FileSystemType OF_THE_JDK = directory -> Files.getFileStore(directory).type();

        /**
         * Returns the name of the type.
         *
         * @throws IOException if the type cannot be determined
         */
        String of(Path directory) throws IOException;
    }

    /**
     * Creates the record store of one profile, without accessing any file yet.
     *
     * @param mayBeLocked whether any process may have a flock(2) lock on a directory, determined without taking one
     * @param isOfThisBoot whether a file with this modification time may have been changed since this boot
     */
    public FileInstanceRecordStore(
            Path profile,
            PosixFiles files,
            DirectoryLocks locks,
            FileSystemType fileSystem,
            Predicate<Path> mayBeLocked,
            Predicate<Instant> isOfThisBoot) {
        this.profile = profile;
        this.file = new OwnerOnlyFile(profile.resolve(RECORD), "the instance record", files);
        this.lifeLock = new LifeLock(profile, locks);
        this.fileSystem = fileSystem;
        this.mayBeLocked = mayBeLocked;
        this.isOfThisBoot = isOfThisBoot;
    }

    @Override
    public Path file() {
        return profile.resolve(RECORD);
    }

    @Override
    public Observation<InstanceRecord> read() {
        OwnerOnlyFile.Content content = file.read();
        if (content instanceof OwnerOnlyFile.Content.Refused refused) {
            return cannotBeRead(refused.reason());
        }
        if (content instanceof OwnerOnlyFile.Content.Unreadable unreadable) {
            return cannotBeRead(unreadable.reason());
        }
        if (!(content instanceof OwnerOnlyFile.Content.Read read)) {
            return withoutRecord("there is no instance record of it");
        }
        try {
            String type = fileSystem.of(profile);
            return LOCAL.contains(type)
                    ? whatIsSaid(InstanceRecordCodec.decode(read.bytes()))
                    : Observation.absent(
                            "an instance record shows nothing on a file system that other machines may use too (%s)"
                                    .formatted(type));
        } catch (IOException e) {
            return cannotBeRead("the profile's file system is not known: " + OwnerOnlyFile.reason(e));
        }
    }

    /**
     * Returns the result for a missing record: no instance was recorded, or the application deleted the record, as
     * applications do that clear their profile. In the second case, a life lock in force shows a live instance. Testing
     * the life lock loads the native library, so it is skipped if the kernel's list shows no lock.
     */
    private Observation<InstanceRecord> withoutRecord(String why) {
        Observation<InstanceRecord> none = Observation.absent(why);
        try {
            return mayBeLocked.test(profile) && LOCAL.contains(fileSystem.of(profile)) && lifeLock.isKeptByAnother()
                    ? Observation.unknown(
                            "there is no instance record, but a live process keeps the life lock on the profile"
                                    + " directory, as an instance does that was let through")
                    : none;
        } catch (IOException e) {
            // There is no directory, or it cannot be locked from here; then this user's launchers have not locked it
            // either.
            return none;
        }
    }

    @Override
    public void letThroughUnrecorded() {
        Observation<String> kept = keepLifeLock();
        try {
            if (kept instanceof Observation.Seen) {
                // An older record names another instance.
                Files.deleteIfExists(profile.resolve(RECORD));
            }
        } catch (IOException e) {
            // The record could not be written either, which is reported already.
            return;
        }
    }

    /**
     * Returns what a file means after decoding. A malformed file from an earlier boot, for example after a power
     * failure, is no record. A malformed one that was written since may be from a newer version, or changed by another
     * program: the instance that it named may be alive.
     */
    private Observation<InstanceRecord> whatIsSaid(Observation<InstanceRecord> decoded) throws IOException {
        if (!(decoded instanceof Observation.Unknown)) {
            return decoded;
        }
        return isOfThisBoot.test(Files.getLastModifiedTime(file(), LinkOption.NOFOLLOW_LINKS)
                        .toInstant())
                ? cannotBeRead(decoded.shortfall())
                : withoutRecord(decoded.shortfall());
    }

    private Observation<InstanceRecord> cannotBeRead(String reason) {
        Path record = profile.toAbsolutePath().resolve(RECORD);
        return Observation.unknown(
                "the instance record cannot be read: %s. If the application does not run, remove it: rm %s-- %s"
                        .formatted(
                                reason,
                                Files.isDirectory(record, LinkOption.NOFOLLOW_LINKS) ? "-r " : "",
                                ShellWord.quoted(record.toString())));
    }

    @Override
    public void write(InstanceRecord record) throws IOException {
        if (record.lockedSince().isPresent()) {
            file.deleteLeftovers();
            file.write(InstanceRecordCodec.encode(record));
        } else {
            // Without a lock, the record means nothing after this boot.
            file.writeForThisBoot(InstanceRecordCodec.encode(record));
        }
    }

    @Override
    public Observation<String> keepLifeLock() {
        try {
            String type = fileSystem.of(profile);
            // On other file systems the record would not be trusted, and on SMB such a lock keeps other processes from
            // reading and writing.
            return LOCAL.contains(type)
                    ? lifeLock.keep()
                    : Observation.absent("no life lock is taken on a file system that other machines may use too (%s)"
                            .formatted(type));
        } catch (IOException e) {
            return Observation.absent("the profile's file system is not known: " + OwnerOnlyFile.reason(e));
        }
    }

    @Override
    public void keepLifeLockAside(Consumer<Observation<String>> answer) {
        // The first use of the native library takes long.
        Thread thread = new Thread(() -> answer.accept(keptIfPossible()), "relaunch-guard-life-lock");
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError noMoreThreads) {
            answer.accept(Observation.unknown("the life lock cannot be taken: no thread can be started"));
        }
    }

    private Observation<String> keptIfPossible() {
        try {
            return keepLifeLock();
        } catch (RuntimeException | LinkageError e) {
            return Observation.unknown("the life lock cannot be taken: " + e);
        }
    }

    @Override
    public Observation<Boolean> isFree(String identity) {
        return lifeLock.isFree(identity);
    }
}
