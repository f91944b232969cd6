package io.relaunchguard.core.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import java.time.Instant;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceRecordCodecTest {

    private static final InstanceRecord RECORD = new InstanceRecord(
            new SingletonLock("desk-7", 4711),
            Instant.parse("2026-01-01T00:00:00.123456789Z"),
            "8812345",
            "boot-1",
            "",
            "pid:[1]",
            "1000",
            "64768:77",
            "64768:78");

    @Test
    void readsBackWhatItWrites() {
        assertThat(InstanceRecordCodec.decode(InstanceRecordCodec.encode(RECORD)))
                .isEqualTo(Observation.seen(RECORD));
    }

    @Test
    void writesOneKeyALine() {
        assertThat(new String(InstanceRecordCodec.encode(RECORD), UTF_8)).isEqualTo("""
                        format=1
                        host=desk-7
                        pid=4711
                        locked-since=2026-01-01T00:00:00.123456789Z
                        start=8812345
                        boot=boot-1
                        machine=
                        pid-namespace=pid:[1]
                        user=1000
                        profile=64768:77
                        life-lock=64768:78
                        """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format",
                "host",
                "pid",
                "locked-since",
                "start",
                "boot",
                "machine",
                "pid-namespace",
                "user",
                "profile",
                "life-lock"
            })
    @Tag("H12")
    void believesNoRecordWithoutOneOfItsKeys(String key) {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replaceFirst("(?m)^" + key + "=.*\n", ""))).isInstanceOf(Observation.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, Integer.MAX_VALUE + 1L})
    @Tag("H06")
    void believesNoRecordOfAPidThatNoBrowserCanHave(long pid) {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replace("pid=4711", "pid=" + pid)).shortfall())
                .isEqualTo("the instance record names pid %d, which no browser can have".formatted(pid));
    }

    @Test
    void believesNoRecordOfALaterFormat() {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replace("format=1", "format=2"))).isInstanceOf(Observation.Unknown.class);
    }

    @Test
    void writesNothingThatItWouldNotRead() {
        InstanceRecord odd = new InstanceRecord(
                new SingletonLock("two\nlines", 4711), RECORD.lockedSince(), "1", "b", "", "n", "u", "p", "");

        assertThatThrownBy(() -> InstanceRecordCodec.encode(odd)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    @net.jqwik.api.Tag("H12")
    void believesNoTornRecordAndNeverThrows(@ForAll int cut, @ForAll byte[] noise) {
        byte[] whole = InstanceRecordCodec.encode(RECORD);
        byte[] torn = Arrays.copyOf(whole, Math.floorMod(cut, whole.length));

        assertThat(InstanceRecordCodec.decode(torn)).isInstanceOf(Observation.Unknown.class);
        assertThat(InstanceRecordCodec.decode(noise)).isInstanceOf(Observation.Unknown.class);
    }

    private static Observation<InstanceRecord> decode(String content) {
        return InstanceRecordCodec.decode(content.getBytes(UTF_8));
    }
}
