package io.relaunchguard.core.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InstanceRecordStoreTest {

    @Test
    void isNeededUnlessAStoreSaysOtherwise() {
        InstanceRecordStore saysNothing = new InstanceRecordStore() {
            @Override
            public Path file() {
                return Path.of("RelaunchGuard.instance");
            }

            @Override
            public Observation<InstanceRecord> read() {
                return Observation.absent("there is none");
            }

            @Override
            public void write(InstanceRecord record) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Observation<String> keepLifeLock() {
                return Observation.absent("there is none");
            }

            @Override
            public Observation<Boolean> isFree(String lifeLock) {
                return Observation.unknown("there is none");
            }
        };

        assertThat(saysNothing.isNeeded()).isTrue();
    }
}
