package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import java.nio.file.Path;
import java.time.Instant;

/** The port to the {@code SingletonLock} of one profile. */
public interface LockStore {

    /**
     * Reads the lock without following it. {@link Observation.Absent} only if there is provably no file of that name;
     * anything that is not a well-formed link, or cannot be read, is {@link Observation.Unknown}.
     */
    Observation<SingletonLock> read();

    /**
     * Since when the lock stands, by the wall clock: the time at which it was made, as finely as the file system keeps it.
     */
    Observation<Instant> since();

    /**
     * Removes the lock if it is still {@code expected}: renamed aside, verified, then deleted, or put back without ever
     * replacing a newer one. Only to be called under the launch lock, with the staleness proven.
     *
     * @return whether exactly that lock was removed
     */
    boolean remove(SingletonLock expected);

    /** The file that is the lock now, or would be: what a person removes. */
    Path file();

    /** Calls {@code onChange}, from another thread, whenever something in the lock's directory may have changed. */
    Watch watch(Runnable onChange);
}
