package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import io.relaunchguard.platform.posix.DirectoryLocks;
import io.relaunchguard.platform.posix.PathBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Directory locks by flock(2) on Linux. The native library is loaded on first use. */
final class LinuxDirectoryLocks implements DirectoryLocks {

    @Override
    public Optional<Lock> tryLock(Path directory, Kind kind) throws IOException {
        try {
            return tryLock(LibC.get(), directory, kind);
        } catch (LastErrorException e) {
            throw new IOException(
                    "%s cannot be locked: %s".formatted(directory, LibC.get().strerror(e.getErrorCode())), e);
        } catch (LinkageError e) {
            throw new IOException(LibC.missing(e), e);
        }
    }

    private static Optional<Lock> tryLock(LibC libc, Path directory, Kind kind) {
        int descriptor = libc.open(terminated(directory), LibC.OPEN_FOR_READING);
        boolean locked = false;
        try {
            libc.flock(descriptor, kind.operation());
            locked = true;
            return Optional.of(() -> libc.close(descriptor));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == LibC.EWOULDBLOCK) {
                return Optional.empty();
            }
            throw e;
        } finally {
            if (!locked) {
                libc.close(descriptor);
            }
        }
    }

    /**
     * Returns the path with a slash and a dot appended, null-terminated. Only a directory has such a name; O_DIRECTORY
     * would need different numbers on different processors.
     */
    private static byte[] terminated(Path directory) {
        byte[] path = PathBytes.of(directory);
        byte[] terminated = Arrays.copyOf(path, path.length + 3);
        terminated[path.length] = '/';
        terminated[path.length + 1] = '.';
        return terminated;
    }
}
