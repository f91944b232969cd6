package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.platform.posix.DirectoryLocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Directory locks by flock(2) on macOS. */
final class MacosDirectoryLocks implements DirectoryLocks {

    private final Xnu kernel;

    MacosDirectoryLocks(Xnu kernel) {
        this.kernel = kernel;
    }

    @Override
    public Optional<Lock> tryLock(Path directory, Kind kind) throws IOException {
        try {
            int descriptor = kernel.lockDirectory(directory.toString(), kind.operation());
            return Optional.of(() -> kernel.close(descriptor));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Xnu.EWOULDBLOCK) {
                return Optional.empty();
            }
            throw new IOException("%s cannot be locked: %s".formatted(directory, kernel.meaning(e.getErrorCode())), e);
        } catch (LinkageError e) {
            throw new IOException("the native library cannot be loaded: " + e.getMessage(), e);
        }
    }
}
