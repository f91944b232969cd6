package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.file.OwnerOnlyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The life lock: a lock on the profile directory itself that this process keeps until it ends, see
 * {@link DirectoryLocks}. Nothing that happens to the files in the profile releases it, and no started program inherits
 * it. So a free life lock proves, in any PID namespace of the same kernel, that its owner is gone. Its name consists of
 * the directory's device and inode.
 *
 * <p>Older versions locked a file with fcntl(2). The kernel releases such a lock when its owner closes any descriptor
 * of the file, so a free one proves nothing, and this class gives no answer for its name.
 */
final class LifeLock {

    private static final String PREFIX = "flock:";

    /** The maximum number of attempts while other processes test the lock. Each test lasts microseconds. */
    private static final int MOST_TRIES = 10_000;

    /** The locks of this process, kept until it ends. That is why this is static. */
    private static final Map<String, DirectoryLocks.Lock> KEPT = new HashMap<>();

    private final Path directory;
    private final DirectoryLocks locks;

    LifeLock(Path directory, DirectoryLocks locks) {
        this.directory = directory;
        this.locks = locks;
    }

    /** Takes the lock and returns its name. */
    Observation<String> keep() {
        synchronized (KEPT) {
            try {
                String name = name();
                return KEPT.containsKey(name) ? Observation.seen(name) : take(name);
            } catch (IOException e) {
                return Observation.unknown("the life lock cannot be taken: " + OwnerOnlyFile.reason(e));
            }
        }
    }

    /** Returns whether the lock is free, if the profile directory is still the one of that name. */
    Observation<Boolean> isFree(String expected) {
        if (!expected.startsWith(PREFIX)) {
            return Observation.unknown(
                    "the life lock is of an older version's kind, which a live process may have lost");
        }
        synchronized (KEPT) {
            try {
                if (KEPT.containsKey(expected)) {
                    return Observation.seen(false);
                }
                Optional<DirectoryLocks.Lock> lock = locks.tryLock(directory, DirectoryLocks.Kind.SHARED);
                lock.ifPresent(DirectoryLocks.Lock::close);
                // Compare after locking, so that the name is that of the locked directory.
                return name().equals(expected)
                        ? Observation.seen(lock.isPresent())
                        : Observation.unknown("the life lock is of another directory than the profile is now");
            } catch (NoSuchFileException e) {
                return Observation.unknown("the profile directory is gone");
            } catch (IOException e) {
                return Observation.unknown("the life lock cannot be tried: " + OwnerOnlyFile.reason(e));
            }
        }
    }

    /** Returns whether another process has the lock. */
    boolean isKeptByAnother() throws IOException {
        synchronized (KEPT) {
            if (KEPT.containsKey(name())) {
                return false;
            }
            Optional<DirectoryLocks.Lock> lock = locks.tryLock(directory, DirectoryLocks.Kind.SHARED);
            lock.ifPresent(DirectoryLocks.Lock::close);
            return lock.isEmpty();
        }
    }

    private Observation<String> take(String name) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Optional<DirectoryLocks.Lock> lock = locks.tryLock(directory, DirectoryLocks.Kind.EXCLUSIVE);
            if (lock.isPresent()) {
                if (name().equals(name)) {
                    KEPT.put(name, lock.get());
                    return Observation.seen(name);
                }
                lock.get().close();
                throw new IOException("the profile directory was replaced meanwhile");
            }
            // A process that tests the lock takes a shared one, which permits another test.
            Optional<DirectoryLocks.Lock> look = locks.tryLock(directory, DirectoryLocks.Kind.SHARED);
            if (look.isEmpty()) {
                return Observation.absent("another process keeps the life lock");
            }
            look.get().close();
            Thread.onSpinWait();
        }
        return Observation.unknown(
                "the life lock cannot be taken: another process has a shared lock on the profile directory");
    }

    private String name() throws IOException {
        Map<String, Object> attributes = Files.readAttributes(directory, "unix:dev,ino");
        return PREFIX + attributes.get("dev") + ":" + attributes.get("ino");
    }
}
