package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
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
import java.util.function.Predicate;

/** The instance record as a file in the profile directory; {@code docs/instance-record.md} describes it. */
public final class FileInstanceRecordStore implements InstanceRecordStore {

    /** The record. */
    static final String RECORD = "RelaunchGuard.instance";

    /**
     * File systems that one kernel alone has at a time. On any other the maker of a lock may be alive on another machine, and
     * two machines may well give a shared directory the same identity.
     */
    private static final Set<String> LOCAL =
            Set.of("ext4", "xfs", "btrfs", "f2fs", "zfs", "tmpfs", "overlay", "apfs", "hfs");

    private final Path profile;
    private final OwnerOnlyFile file;
    private final LifeLock lifeLock;
    private final FileSystemType fileSystem;
    private final Predicate<Path> mayBeLocked;
    private final Predicate<Instant> isOfThisBoot;

    /** What kind of file system a directory is on. */
    @FunctionalInterface
    public interface FileSystemType {

        /** As the mount table has it. */
        FileSystemType OF_THE_JDK = directory -> Files.getFileStore(directory).type();

        /** Its name. */
        String of(Path directory) throws IOException;
    }

    /**
     * The record of one profile. Nothing is touched yet.
     *
     * @param mayBeLocked whether somebody may have a lock of flock(2) on a directory, told without one
     * @param isOfThisBoot whether a file with this time of its last change may have been changed since this boot
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
     * Nobody is recorded, or the application has deleted the record, as one does that clears its profile. Whoever keeps the life
     * lock lives. To try it loads the native library, so that it is not tried where the kernel shows that nobody has it.
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
            // There is no directory, or none can be locked from here: then this user's launchers have locked none
            // either.
            return none;
        }
    }

    @Override
    public void letThroughUnrecorded() {
        Observation<String> kept = keepLifeLock();
        try {
            if (kept instanceof Observation.Seen) {
                // An older one names somebody else.
                Files.deleteIfExists(profile.resolve(RECORD));
            }
        } catch (IOException e) {
            // As the record could not be written either, this is told already.
            return;
        }
    }

    /**
     * A file that tells of no instance is no record if a power failure tore it, or its writer is of an earlier boot for other
     * reasons. One that was written since may be a newer version's, or somebody else changed it: whom it named may live.
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
        return Observation.unknown(
                "the instance record cannot be read: %s. If the application does not run, remove it: rm -- '%s'"
                        .formatted(reason, profile.toAbsolutePath().resolve(RECORD)));
    }

    @Override
    public void write(InstanceRecord record) throws IOException {
        if (record.lockedSince().isPresent()) {
            file.deleteLeftovers();
            file.write(InstanceRecordCodec.encode(record));
        } else {
            // Without a lock it says nothing that outlives this boot.
            file.writeForThisBoot(InstanceRecordCodec.encode(record));
        }
    }

    @Override
    public Observation<String> keepLifeLock() {
        try {
            String type = fileSystem.of(profile);
            // Elsewhere its record would not be believed; and on SMB such a lock keeps others from reading and writing.
            return LOCAL.contains(type)
                    ? lifeLock.keep()
                    : Observation.absent("no life lock is taken on a file system that other machines may use too (%s)"
                            .formatted(type));
        } catch (IOException e) {
            return Observation.absent("the profile's file system is not known: " + OwnerOnlyFile.reason(e));
        }
    }

    @Override
    public Observation<Boolean> isFree(String identity) {
        return lifeLock.isFree(identity);
    }
}
