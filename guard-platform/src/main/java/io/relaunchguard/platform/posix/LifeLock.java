package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.file.OwnerOnlyFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A POSIX record lock, see fcntl(2), that this process keeps until it ends: no child inherits it, and the kernel drops it at
 * the process's end and not before. So one that is free shows, from any pid namespace of the same kernel, that its keeper is
 * gone. The file is created once and never deleted; its identity names the lock.
 */
final class LifeLock {

    /**
     * The locks of this process, for ever. Closing any descriptor of a locked file would drop its lock, so that such a file is
     * never opened again. That is why this is static.
     */
    private static final Map<String, FileChannel> KEPT = new HashMap<>();

    private final Path file;

    LifeLock(Path file) {
        this.file = file;
    }

    /** Takes it, and names it. */
    Observation<String> keep() {
        synchronized (KEPT) {
            try {
                if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createFile(
                            file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                }
                String identity = identity();
                if (!KEPT.containsKey(identity)) {
                    FileChannel channel = lock(identity);
                    if (channel == null) {
                        return Observation.absent("another process keeps the life lock");
                    }
                    KEPT.put(identity, channel);
                }
                return Observation.seen(identity);
            } catch (IOException e) {
                return Observation.unknown("the life lock cannot be taken: " + OwnerOnlyFile.reason(e));
            }
        }
    }

    /** Whether nobody keeps it, if it still is the one of that name. */
    Observation<Boolean> isFree(String expected) {
        synchronized (KEPT) {
            try {
                if (!identity().equals(expected)) {
                    return Observation.unknown("the life lock's file was replaced");
                }
                if (KEPT.containsKey(expected)) {
                    return Observation.seen(false);
                }
                FileChannel channel = lock(expected);
                if (channel == null) {
                    return Observation.seen(false);
                }
                channel.close();
                return Observation.seen(true);
            } catch (NoSuchFileException e) {
                return Observation.unknown("the life lock's file is gone");
            } catch (IOException e) {
                return Observation.unknown("the life lock cannot be tried: " + OwnerOnlyFile.reason(e));
            }
        }
    }

    private String identity() throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(file, "unix:dev,ino,isRegularFile", LinkOption.NOFOLLOW_LINKS);
        if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
            throw new IOException("%s is not a regular file".formatted(file));
        }
        return attributes.get("dev") + ":" + attributes.get("ino");
    }

    /** The locked file; null if another process has it locked. */
    @SuppressWarnings("resource") // The lock goes with its channel.
    private @Nullable FileChannel lock(String identity) throws IOException {
        FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        boolean kept = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock != null && !identity().equals(identity)) {
                throw new IOException("the file was replaced meanwhile");
            }
            kept = lock != null;
            return kept ? channel : null;
        } catch (OverlappingFileLockException e) {
            // Another class loader's copy of this class keeps it: closing this descriptor would drop that lock.
            KEPT.put(identity, channel);
            kept = true;
            return null;
        } finally {
            if (!kept) {
                channel.close();
            }
        }
    }
}
