package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.file.ProfileFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** The rules of POSIX for files: device and inode identify a file, owner and mode decide whether it can be trusted. */
public final class PosixFiles implements ProfileFiles {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Supplier<Observation<Integer>> ownUid;

    /** Creates the rules for files that must belong to this user. */
    public PosixFiles(Supplier<Observation<Integer>> ownUid) {
        this.ownUid = ownUid;
    }

    @Override
    public String identity(Path existing) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(existing, "unix:dev,ino");
        return attributes.get("dev") + ":" + attributes.get("ino");
    }

    @Override
    public FileAttribute<?>[] ownersOnly() {
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)};
    }

    @Override
    public Inspection inspect(Path file, String subject) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(
                file,
                "unix:ino,dev,uid,nlink,size,permissions,isRegularFile,lastModifiedTime",
                LinkOption.NOFOLLOW_LINKS);
        return new Inspection(attributes, trusted(file, subject, attributes));
    }

    @Override
    public void keepNames(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Observation<Path> trusted(Path file, String subject, Map<String, Object> attributes) {
        if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
            return Observation.absent(subject + " is not a regular file");
        }
        if (!Objects.equals(attributes.get("permissions"), OWNER_ONLY)) {
            return Observation.absent(subject + "'s permissions are not 0600");
        }
        // The count is zero if the file was replaced just now; the comparison after reading detects that.
        if ((Integer) Objects.requireNonNull(attributes.get("nlink")) > 1) {
            return Observation.absent(subject + " has several links");
        }
        Observation<Integer> uid = ownUid.get();
        if (uid instanceof Observation.Unknown) {
            return Observation.unknown("this user is not known: " + uid.shortfall());
        }
        return uid.is((Integer) Objects.requireNonNull(attributes.get("uid")))
                ? Observation.seen(file)
                : Observation.absent(subject + " belongs to another user");
    }
}
