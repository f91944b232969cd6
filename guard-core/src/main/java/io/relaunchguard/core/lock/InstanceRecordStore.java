package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The port to the instance record of one profile. */
public interface InstanceRecordStore {

    /** Returns whether a lock can outlive its process on this platform. Where it cannot, no record is ever written. */
    default boolean isNeeded() {
        return true;
    }

    /** Returns the file of the record, which a user may have to remove. */
    Path file();

    /**
     * Reads the record. Returns {@link Observation.Unknown} with the reason if the record must not be trusted: it is
     * truncated, a link, owned by another user, accessible to others, or on a file system that another machine may use
     * at the same time.
     */
    Observation<InstanceRecord> read();

    /**
     * Writes a record atomically and durably, replacing any older one. Call it only while you have the launch lock.
     *
     * @throws IOException if the record cannot be written; no partial file remains then
     */
    void write(InstanceRecord record) throws IOException;

    /**
     * Handles an admission that cannot be recorded: this process was let through, but its record cannot be written. As
     * far as possible, removes an older record, which names another instance, and takes the life lock. Never throws.
     * Call it only while you have the launch lock.
     */
    default void letThroughUnrecorded() {}

    /**
     * Takes the life lock, a kernel lock that this process keeps until it ends and that no child inherits, and returns
     * its name. A second call returns the same name.
     */
    Observation<String> keepLifeLock();

    /**
     * Takes the life lock on a thread of its own where that may take time, and tells the answer from there. Never
     * throws; whatever fails is {@link Observation.Unknown} with the reason.
     */
    default void keepLifeLockAside(Consumer<Observation<String>> answer) {
        answer.accept(keepLifeLock());
    }

    /** Returns whether exactly that life lock is free. Only meaningful in the boot in which it was taken. */
    Observation<Boolean> isFree(String lifeLock);
}
