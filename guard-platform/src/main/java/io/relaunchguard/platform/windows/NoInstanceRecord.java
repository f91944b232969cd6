package io.relaunchguard.platform.windows;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordStore;
import java.nio.file.Path;

/**
 * The instance record on Windows, which has none: the kernel releases the lock when its holder ends, so no lock is ever
 * stale.
 */
final class NoInstanceRecord implements InstanceRecordStore {

    private static final String REASON = "Windows has no instance record: the kernel lets go of a lock with its holder";

    @Override
    public boolean isNeeded() {
        return false;
    }

    @Override
    public Path file() {
        throw new UnsupportedOperationException(REASON);
    }

    @Override
    public Observation<InstanceRecord> read() {
        return Observation.absent(REASON);
    }

    @Override
    public void write(InstanceRecord record) {
        throw new UnsupportedOperationException(REASON);
    }

    @Override
    public Observation<String> keepLifeLock() {
        return Observation.absent(REASON);
    }

    @Override
    public Observation<Boolean> isFree(String lifeLock) {
        return Observation.unknown(REASON);
    }
}
