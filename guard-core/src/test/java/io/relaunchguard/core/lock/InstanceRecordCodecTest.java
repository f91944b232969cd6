package io.relaunchguard.core.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceRecordCodecTest {

    private static final InstanceRecord RECORD = new InstanceRecord(
            new SingletonLock("desk-7", 4711),
            Optional.of(Instant.parse("2026-01-01T00:00:00.123456789Z")),
            "8812345",
            "boot-1",
            "",
            "pid:[1]",
            "time:[1]",
            "1000",
            "64768:77",
            "64768:78",
            false,
            false,
            List.of(new InstanceRecord.Survivor(4712, "8812399"), new InstanceRecord.Survivor(4713, "17:30")));

    /** As versions before format 2 wrote it. */
    private static final String OLDER = """
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
            """;

    @Test
    void readsBackWhatItWrites() {
        assertThat(InstanceRecordCodec.decode(InstanceRecordCodec.encode(RECORD)))
                .isEqualTo(Observation.seen(RECORD));
    }

    @Test
    void writesOneKeyALine() {
        assertThat(new String(InstanceRecordCodec.encode(RECORD), UTF_8)).isEqualTo("""
                        format=2
                        host=desk-7
                        pid=4711
                        locked-since=2026-01-01T00:00:00.123456789Z
                        start=8812345
                        boot=boot-1
                        machine=
                        pid-namespace=pid:[1]
                        time-namespace=time:[1]
                        user=1000
                        profile=64768:77
                        life-lock=64768:78
                        role=application
                        state=running
                        survivors=4712:8812399 4713:17:30
                        """);
    }

    @Test
    void readsWhatOlderVersionsWrote() {
        assertThat(decode(OLDER))
                .isEqualTo(Observation.seen(new InstanceRecord(
                        RECORD.lock(),
                        RECORD.lockedSince(),
                        "8812345",
                        "boot-1",
                        "",
                        "pid:[1]",
                        "",
                        "1000",
                        "64768:77",
                        "64768:78",
                        false,
                        false,
                        List.of())));
    }

    @Test
    @Tag("H41")
    void readsBackWhetherItIsACommand() {
        String command =
                new String(InstanceRecordCodec.encode(RECORD), UTF_8).replace("role=application", "role=command");

        assertThat(decode(command).map(InstanceRecord::command)).isEqualTo(Observation.seen(true));
        assertThat(decode(command.replace("role=command\n", "")).map(InstanceRecord::command))
                .isEqualTo(Observation.seen(false));
        assertThat(decode(command.replace("role=command", "role=daemon")))
                .isEqualTo(Observation.unknown("the instance record's \"role\" is not of the known form"));
    }

    @Test
    @Tag("H41")
    void comparesStartsAsNumbersAndTakesNothingElseForEarlier() {
        assertThat(RECORD.isAfter("8812344")).isTrue();
        assertThat(RECORD.isAfter("999")).isTrue();
        assertThat(RECORD.isAfter("8812345")).isFalse();
        assertThat(RECORD.isAfter("10000000")).isFalse();
        assertThat(RECORD.isAfter("unknown")).isFalse();
    }

    @Test
    @Tag("H12")
    void believesNoOlderRecordWithoutTheTimeOfItsLock() {
        assertThat(decode(OLDER.replaceFirst("locked-since=.*", "locked-since=")))
                .isInstanceOf(Observation.Unknown.class);
    }

    @Test
    @Tag("H41")
    void readsBackARecordWithoutALockOfAnEndedInstance() {
        InstanceRecord record = new InstanceRecord(
                        new SingletonLock("desk-7", 1),
                        Optional.empty(),
                        "1",
                        "b",
                        "m",
                        "n",
                        "",
                        "u",
                        "p",
                        "",
                        false,
                        false,
                        List.of())
                .asEnded(List.of());

        assertThat(record.ended()).isTrue();
        assertThat(InstanceRecordCodec.decode(InstanceRecordCodec.encode(record)))
                .isEqualTo(Observation.seen(record));
    }

    @ParameterizedTest
    @ValueSource(strings = {":1", "4712:", "4712", "47x2:1", "4712:1  4713:1", " 4712:1", "12345678901:1", "-4:1"})
    @Tag("H12")
    void believesNoRecordWithSurvivorsOfAnotherForm(String survivors) {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replaceFirst("survivors=.*", "survivors=" + survivors))
                        .shortfall())
                .isEqualTo("the instance record's \"survivors\" is not of the known form");
    }

    @Test
    @Tag("H12")
    void believesNoRecordOfAnotherState() {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replace("state=running", "state=paused")).shortfall())
                .isEqualTo("the instance record's \"state\" is not of the known form");
    }

    @Test
    @Tag("H42")
    void aSurvivorMayBeAProcessWithItsStartOrAnyIfThatIsNotKnown() {
        ProcessIdentity process = new ProcessIdentity(
                4712,
                "8812399",
                ExecutionState.RUNNING,
                Observation.seen("1000"),
                Observation.seen("pid:[1]"),
                Observation.seen("/opt/app/app"),
                Observation.seen(Lineage.UNRELATED));

        assertThat(new InstanceRecord.Survivor(4712, "8812399").mayBe(process)).isTrue();
        assertThat(new InstanceRecord.Survivor(4712, "8812398").mayBe(process)).isFalse();
        assertThat(new InstanceRecord.Survivor(4712, InstanceRecord.Survivor.UNKNOWN).mayBe(process))
                .isTrue();
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
                "life-lock",
                "time-namespace",
                "state",
                "survivors"
            })
    @Tag("H12")
    void believesNoRecordWithoutOneOfItsKeys(String key) {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replaceFirst("(?m)^" + key + "=.*\n", ""))).isInstanceOf(Observation.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Integer.MAX_VALUE + 1L})
    @Tag("H06")
    void believesNoRecordOfAPidThatNoBrowserCanHave(long pid) {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replace("pid=4711", "pid=" + pid)).shortfall())
                .isEqualTo("the instance record names PID %d, which no browser can have".formatted(pid));
    }

    @Test
    void believesNoRecordOfALaterFormat() {
        String whole = new String(InstanceRecordCodec.encode(RECORD), UTF_8);

        assertThat(decode(whole.replace("format=2", "format=3"))).isInstanceOf(Observation.Unknown.class);
    }

    @Test
    void writesNothingThatItWouldNotRead() {
        InstanceRecord odd = new InstanceRecord(
                new SingletonLock("two\nlines", 4711),
                RECORD.lockedSince(),
                "1",
                "b",
                "",
                "n",
                "t",
                "u",
                "p",
                "",
                false,
                false,
                List.of());

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
