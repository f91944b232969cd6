package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.process.ExecutionState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcStatTest {

    /** Of a sleep, Linux 6.18. */
    private static final String REST = " 4000 4712 4000 0 -1 4194304 107 0 0 0 3 4 0 0 20 0 1 0 8812345 3133440 424"
            + " 18446744073709551615 1 1 0 0 0 0 0 0 0 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

    @Test
    void readsARecordedLine() {
        assertThat(ProcStat.parse("4712 (sleep) S" + REST))
                .contains(new ProcStat(4712, ExecutionState.RUNNING, 4000, 4000, "8812345", true, 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a) b", "a b", ") Z 1", "(", ")", "((", "", "x (y) S 1 2 3", "tab\there", "line\nfeed"})
    void readsPastAnyNameOfACommand(String name) {
        assertThat(ProcStat.parse("4712 (" + name + ") S" + REST))
                .contains(new ProcStat(4712, ExecutionState.RUNNING, 4000, 4000, "8812345", true, 7));
    }

    @ParameterizedTest
    @CsvSource({
        "R,RUNNING",
        "S,RUNNING",
        "I,RUNNING",
        "D,UNINTERRUPTIBLE",
        "T,STOPPED",
        "t,TRACED",
        "Z,EXITED",
        "X,EXITED",
        "x,EXITED"
    })
    void knowsEveryStateOfTheKernel(String letter, ExecutionState state) {
        assertThat(ProcStat.parse("4712 (sleep) " + letter + REST).map(ProcStat::state))
                .contains(state);
    }

    @Tag("H13")
    @Test
    void takesAProcessForAliveWhoseFirstThreadAloneHasExited() {
        String twoThreads = REST.replace(" 20 0 1 0 ", " 20 0 2 0 ");

        assertThat(ProcStat.parse("4712 (sleep) Z" + twoThreads).map(ProcStat::state))
                .contains(ExecutionState.RUNNING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "4712",
                "4712 (sleep",
                "4712 (sleep)",
                "4712 (sleep) ",
                "4712 (sleep) S",
                "4712 (sleep) S 4000 4712 4000 0 -1 4194304 107 0 0 0 3 4 0 0 20 0 1 0",
                ") (",
                "garbage without any form",
                "(sleep) S 1"
            })
    void readsNothingFromWhatIsTruncatedOrOfAnotherForm(String line) {
        assertThat(ProcStat.parse(line)).isEmpty();
    }

    @Test
    void readsNothingFromAStateThatNobodyKnows() {
        assertThat(ProcStat.parse("4712 (sleep) Q" + REST)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"99999999999999999999", "-1", "0x10", "", "1e9"})
    void readsNothingFromAStartThatIsNoNumberOfTheKernel(String start) {
        assertThat(ProcStat.parse("4712 (sleep) S" + REST.replace("8812345", start)))
                .isEmpty();
    }

    @Test
    void keepsTheLargestStartAsWritten() {
        assertThat(ProcStat.parse("4712 (sleep) S" + REST.replace("8812345", "18446744073709551615"))
                        .map(ProcStat::start))
                .contains("18446744073709551615");
    }

    @Test
    void readsNothingFromAPidBeyondAnyNumber() {
        assertThat(ProcStat.parse("99999999999999999999 (sleep) S" + REST)).isEmpty();
    }

    /** As QEMU 7.2 makes it up for a JVM of arm64. */
    private static final String BY_QEMU =
            "4712 (java) 0 4000" + " 0".repeat(17) + " 8812345 0 0 0 0 0 275415330816" + " 0".repeat(16);

    @Tag("H69")
    @Test
    void saysWhatIsOddAboutALineThatQemuMadeUp() {
        assertThat(ProcStat.parse(BY_QEMU)).isEmpty();
        assertThat(ProcStat.oddity(BY_QEMU))
                .isEqualTo(
                        "its state is \"0\" and it has 44 fields, and no memory, as QEMU's user emulation writes it");
    }

    @Tag("H69")
    @Test
    void saysThatALineOfALaterQemuHasNoMemory() {
        String line = BY_QEMU.replace(") 0 ", ") R ");

        assertThat(ProcStat.parse(line).orElseThrow().hasMemory()).isFalse();
        assertThat(ProcStat.oddity(line)).contains("its state is \"R\"", "no memory");
    }

    @ParameterizedTest
    @CsvSource({
        "4712 (sleep) S 4000 4712, 'its state is \"S\" and it has 5 fields'",
        "4712 (sleep) Q 4000, 'its state is \"Q\" and it has 4 fields'",
        "4712 sleep S, it names no command in parentheses",
        "'', it names no command in parentheses"
    })
    void saysWhatIsOddAboutAnyOtherLine(String line, String oddity) {
        assertThat(ProcStat.parse(line)).isEmpty();
        assertThat(ProcStat.oddity(line)).isEqualTo(oddity);
    }
}
