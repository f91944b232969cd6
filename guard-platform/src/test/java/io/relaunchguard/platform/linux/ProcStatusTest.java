package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcStatusTest {

    private static final String RECORDED = """
            Name:\tsleep
            Umask:\t0022
            State:\tS (sleeping)
            Tgid:\t4712
            Ngid:\t0
            Pid:\t4712
            PPid:\t4000
            TracerPid:\t0
            Uid:\t1000\t1000\t1000\t1000
            Gid:\t100\t100\t100\t100
            NStgid:\t4712\t7
            NSpid:\t4712\t7
            NSpgid:\t4712\t7
            """;

    @Test
    void readsARecordedFile() {
        assertThat(ProcStatus.parse(RECORDED)).contains(new ProcStatus(4712, "1000", List.of(4712L, 7L)));
    }

    @Tag("H20")
    @Test
    void showsAllUserIdsWhereTheyDisagree() {
        assertThat(ProcStatus.parse(RECORDED.replace("Uid:\t1000\t1000", "Uid:\t1000\t0"))
                        .map(ProcStatus::user))
                .contains("1000/0/1000/1000");
    }

    @Tag("H12")
    @Test
    void isNotDeceivedByACommandThatBringsItsOwnLines() {
        String named = RECORDED.replace("Name:\tsleep", "Name:\ta\rUid:0\rNSpid:1");

        assertThat(ProcStatus.parse(named)).contains(new ProcStatus(4712, "1000", List.of(4712L, 7L)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Uid:\t1000\t1000\t1000\t1000", "NSpid:\t4712\t7", "Tgid:\t4712"})
    void readsNothingFromAFileWithoutWhatIsNeeded(String needed) {
        assertThat(ProcStatus.parse(RECORDED.replace(needed + "\n", ""))).isEmpty();
        assertThat(ProcStatus.parse(RECORDED.replace(needed, needed.substring(0, needed.indexOf('\t')))))
                .isEmpty();
        assertThat(ProcStatus.parse(RECORDED.replace(needed, needed + "x"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Uid:\t1000", "Uid:\t1000\t1000\t1000", "Uid:\t-1\t-1\t-1\t-1"})
    void readsNothingFromFewerThanFourUserIds(String ids) {
        assertThat(ProcStatus.parse(RECORDED.replace("Uid:\t1000\t1000\t1000\t1000", ids)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "garbage", "Uid:", "NSpid:\t99999999999999999999"})
    void readsNothingFromGarbage(String content) {
        assertThat(ProcStatus.parse(content)).isEmpty();
    }

    @Test
    void readsNothingFromAPidBeyondAnyNumber() {
        assertThat(ProcStatus.parse(RECORDED.replace("NSpid:\t4712", "NSpid:\t99999999999999999999")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Uid:", "NSpid:", "Tgid:"})
    void saysWhichLineIsMissing(String key) {
        String without = RECORDED.replace("\n" + key, "\nOther:");

        assertThat(ProcStatus.parse(without)).isEmpty();
        assertThat(ProcStatus.oddity(without)).isEqualTo("it has no line \"%s\" with numbers".formatted(key));
    }

    @Test
    void saysThatANumberIsTooLarge() {
        assertThat(ProcStatus.oddity(RECORDED.replace("NSpid:\t4712", "NSpid:\t99999999999999999999")))
                .startsWith("its numbers are too large");
    }
}
