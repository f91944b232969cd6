package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordCodec;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.platform.file.OwnerOnlyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

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

    /** What kind of file system a directory is on. */
    @FunctionalInterface
    interface FileSystemType {
        String of(Path directory) throws IOException;
    }

    /** The record of one profile. Nothing is touched yet. */
    public FileInstanceRecordStore(Path profile, PosixFiles files, DirectoryLocks locks) {
        this(profile, files, locks, directory -> Files.getFileStore(directory).type());
    }

    FileInstanceRecordStore(Path profile, PosixFiles files, DirectoryLocks locks, FileSystemType fileSystem) {
        this.profile = profile;
        this.file = new OwnerOnlyFile(profile.resolve(RECORD), "the instance record", files);
        this.lifeLock = new LifeLock(profile, locks);
        this.fileSystem = fileSystem;
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
            return Observation.absent("there is no instance record of it");
        }
        try {
            String type = fileSystem.of(profile);
            return LOCAL.contains(type)
                    ? whatIsSaid(InstanceRecordCodec.decode(read.bytes()))
                    : Observation.absent(
                            "an instance record shows nothing on a file system that other machines may use too (%s)"
                                    .formatted(type));
        } catch (IOException e) {
            return Observation.absent("the profile's file system is not known: " + OwnerOnlyFile.reason(e));
        }
    }

    /** A file that was read whole and tells of no instance is no record; it was not written by a guard, or is of a newer one. */
    private static Observation<InstanceRecord> whatIsSaid(Observation<InstanceRecord> decoded) {
        return decoded instanceof Observation.Unknown ? Observation.absent(decoded.shortfall()) : decoded;
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
