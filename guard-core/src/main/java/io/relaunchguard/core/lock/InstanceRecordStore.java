package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.file.Path;

/** The port to the instance record of one profile. */
public interface InstanceRecordStore {

    /** Whether a lock can be left behind here. Where none can, nothing is ever written. */
    default boolean isNeeded() {
        return true;
    }

    /** The file that it is in: what a person removes. */
    Path file();

    /**
     * Reads the record. {@link Observation.Unknown} with the reason if it must not be believed: torn, a link, another user's,
     * open to others, or on a file system that another machine may use at the same time.
     */
    Observation<InstanceRecord> read();

    /**
     * Writes a record atomically and durably, in place of any older one. Only to be called under the launch lock.
     *
     * @throws IOException if it cannot be written; nothing is left behind then
     */
    void write(InstanceRecord record) throws IOException;

    /**
     * This process was let through, and its record cannot be written: an older one, which names another, is taken away, and the
     * life lock is kept, if either can be. Never throws. Only to be called under the launch lock.
     */
    default void letThroughUnrecorded() {}

    /**
     * Takes a kernel lock that this process keeps until it ends and that no child inherits, and names it; a second call
     * names the same one.
     */
    Observation<String> keepLifeLock();

    /** Whether nobody keeps that very life lock any more; only meaningful in the boot in which it was taken. */
    Observation<Boolean> isFree(String lifeLock);
}
