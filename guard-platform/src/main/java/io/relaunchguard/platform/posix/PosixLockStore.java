package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.platform.file.DirectoryWatch;
import io.relaunchguard.platform.file.PeriodicLook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/**
 * The {@code SingletonLock} symbolic link of a profile.
 *
 * <p>While a stale lock is removed, it has the name {@link #ASIDE} for a moment. A launcher that dies in that moment
 * may leave a lock there that turned out not to be the stale one. So a link of that name counts as the lock if there is
 * no other, and no lock is ever lost; the next removal replaces or deletes it.
 */
public final class PosixLockStore implements LockStore {

    /** The name of a lock while it is verified. */
    static final String ASIDE = SingletonLock.FILE_NAME + ".relaunch-guard";

    private final Path profile;
    private final DirectoryWatching watching;
    private final GuardClock clock;

    /** A way to watch a directory. */
    @FunctionalInterface
    public interface DirectoryWatching {

        /** Calls {@code onChange}, on another thread, whenever something in the directory may have changed. */
        Watch of(Path directory, Runnable onChange);
    }

    /** Creates the lock store of one profile, watched by the JDK's watch service, without accessing any file yet. */
    public PosixLockStore(Path profile, GuardClock clock) {
        this(profile, DirectoryWatch::of, clock);
    }

    /** Creates the lock store of one profile, without accessing any file yet. */
    public PosixLockStore(Path profile, DirectoryWatching watching, GuardClock clock) {
        this.profile = profile;
        this.watching = watching;
        this.clock = clock;
    }

    @Override
    public Observation<SingletonLock> read() {
        Observation<SingletonLock> lock = read(lock());
        if (!(lock instanceof Observation.Absent)) {
            return lock;
        }
        Observation<SingletonLock> aside = read(aside());
        // Another launcher may have put the lock back, or a browser created its own, since the first read.
        Observation<SingletonLock> again = read(lock());
        return again instanceof Observation.Absent ? aside : again;
    }

    @Override
    public Observation<Instant> since() {
        Observation<Instant> since = since(lock());
        return since instanceof Observation.Absent ? since(aside()) : since;
    }

    @Override
    public boolean remove(SingletonLock expected) {
        try {
            Observation<SingletonLock> found = read(lock());
            if (found.is(expected)) {
                Files.move(lock(), aside(), StandardCopyOption.ATOMIC_MOVE);
                return settle(expected);
            }
            return found instanceof Observation.Absent && read(aside()).is(expected) && Files.deleteIfExists(aside());
        } catch (NoSuchFileException e) {
            // The lock vanished before it could be renamed.
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("the stale lock in %s cannot be removed".formatted(profile), e);
        }
    }

    /**
     * Deletes the lock that was renamed aside, or puts it back if it is not the expected one, because it was replaced
     * before the rename.
     */
    boolean settle(SingletonLock expected) throws IOException {
        if (read(aside()).is(expected)) {
            Files.delete(aside());
            return true;
        }
        putBack();
        return false;
    }

    @Override
    public Path file() {
        boolean isAside =
                !Files.exists(lock(), LinkOption.NOFOLLOW_LINKS) && Files.exists(aside(), LinkOption.NOFOLLOW_LINKS);
        return isAside ? aside() : lock();
    }

    @Override
    public Watch watch(Runnable onChange) {
        return PeriodicLook.unless(() -> watching.of(profile, onChange), onChange, clock);
    }

    /** Puts back a lock that was not the expected one, unless there is a newer one. */
    private void putBack() throws IOException {
        try {
            if (!Files.isSymbolicLink(aside())) {
                Files.move(aside(), lock());
                return;
            }
            Files.createSymbolicLink(lock(), Files.readSymbolicLink(aside()));
        } catch (FileAlreadyExistsException newer) {
            // The newer lock stands; it replaces the one that was renamed aside.
            Files.delete(aside());
            return;
        }
        Files.delete(aside());
    }

    private static Observation<Instant> since(Path link) {
        try {
            return Observation.seen(
                    Files.getLastModifiedTime(link, LinkOption.NOFOLLOW_LINKS).toInstant());
        } catch (NoSuchFileException e) {
            return Observation.absent("there is no lock file");
        } catch (IOException e) {
            return Observation.unknown("%s cannot be read: %s".formatted(link, e.getMessage()));
        }
    }

    private Path lock() {
        return profile.resolve(SingletonLock.FILE_NAME);
    }

    private Path aside() {
        return profile.resolve(ASIDE);
    }

    private static Observation<SingletonLock> read(Path link) {
        try {
            Path target = Files.readSymbolicLink(link);
            return target.toString().contains("/")
                    ? Observation.unknown("the lock's target is a path, not a host and a PID: \"%s\"".formatted(target))
                    : SingletonLock.parse(PathBytes.ofName(target));
        } catch (NoSuchFileException e) {
            return Observation.absent("there is no lock file");
        } catch (NotLinkException e) {
            return Observation.unknown("%s is not a symbolic link".formatted(link));
        } catch (AccessDeniedException e) {
            return Observation.unknown("%s cannot be read: permission denied".formatted(link));
        } catch (IOException e) {
            return Observation.unknown("%s cannot be read: %s".formatted(link, e.getMessage()));
        }
    }
}
