package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import java.nio.file.Path;
import java.time.Instant;

/** The port to the browser lock of one profile, {@code SingletonLock}. */
public interface LockStore {

    /**
     * Reads the lock without following the link. Returns {@link Observation.Absent} only if there is provably no file
     * of that name, and {@link Observation.Unknown} for anything that is not a well-formed link or cannot be read.
     */
    Observation<SingletonLock> read();

    /** Returns when the lock was created, as wall-clock time, in the resolution of the file system. */
    Observation<Instant> since();

    /**
     * Removes the lock if it is still {@code expected}. Renames it aside, verifies it, then deletes it or puts it back
     * without ever replacing a newer one. Call it only while you have the launch lock and the lock is proven stale.
     *
     * @return whether exactly that lock was removed
     */
    boolean remove(SingletonLock expected);

    /** Returns the file that is the lock, or would be, which a user may have to remove. */
    Path file();

    /** Calls {@code onChange}, on another thread, whenever something in the lock's directory may have changed. */
    Watch watch(Runnable onChange);
}
