package io.relaunchguard.core.lock;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.relaunchguard.core.Observation;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SingletonLockTest {

    @ParameterizedTest
    @CsvSource({
        "desk-4711, desk, 4711",
        "desk-7-31900, desk-7, 31900",
        "My.Odd-Host.example-7-31900, My.Odd-Host.example-7, 31900",
        "host--5, host-, 5",
        "--5, -, 5",
        "5-5, 5, 5",
        "höst-12, höst, 12",
        "a b-12, a b, 12",
        "host-9, host, 9"
    })
    void dividesHostAndPidAtTheLastHyphen(String target, String host, long pid) {
        assertThat(parse(target)).isEqualTo(Observation.seen(new SingletonLock(host, pid)));
    }

    @Test
    void takesAHostOfSixtyFourCharacters() {
        String host = "h".repeat(64);

        assertThat(parse(host + "-31900")).isEqualTo(Observation.seen(new SingletonLock(host, 31900)));
    }

    @Test
    void writesTheTargetAsChromiumDoes() {
        assertThat(new SingletonLock("My.Odd-Host.example-7", 31900).target()).isEqualTo("My.Odd-Host.example-7-31900");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 2_147_483_647, 2_147_483_648L, 4_294_967_298L, 999_999_999_999_999_999L})
    @Tag("H06")
    void keepsTheNumberUnnarrowedAndLeavesItsRangeToOthers(long pid) {
        assertThat(parse("host-" + pid)).isEqualTo(Observation.seen(new SingletonLock("host", pid)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1000000000000000000", "9223372036854775807", "9223372036854775808", "99999999999999999999999999"
            })
    @Tag("H06")
    void refusesNumbersThatOverflow(String pid) {
        assertUnknown("host-" + pid, "the PID in the lock's target is beyond any range: \"host-" + pid + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "01", "007", "-0004711", "00000000000000000000000000"})
    void refusesLeadingZeros(String pid) {
        assertUnknown("host-" + pid, "the PID in the lock's target has leading zeros: \"host-" + pid + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "host", "host5", "host_5", "host+5", "host\u20105", "host\u22125"})
    void refusesATargetWithoutAHyphen(String target) {
        assertUnknown(target, "the lock's target has no hyphen between host and PID: \"" + target + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "-", "-x"})
    void refusesATargetWithoutAHost(String target) {
        assertUnknown(target, "the lock's target names no host: \"" + target + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host-",
                "host-x",
                "host-+5",
                "host- 5",
                "host-5 ",
                "host-5x",
                "host-0x5",
                "host-5.0",
                "host-1_000",
                "host-/",
                "host-5/",
                "host-:"
            })
    void refusesATargetThatDoesNotEndInDigits(String target) {
        assertUnknown(target, "the lock's target does not end in a PID: \"" + target + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0665", "\u06f5", "\u096b", "\uff15", "4\u066711"})
    void refusesDigitsThatAreNotAscii(String pid) {
        assertUnknown("host-" + pid, "the lock's target does not end in a PID: \"host-" + pid + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/-5", "../host-5", "a/b-5", "host/-5"})
    @Tag("H22")
    void refusesAPathForAHost(String target) {
        assertUnknown(target, "the lock's target names no possible host: \"" + target + "\"");
    }

    @Test
    void refusesControlCharactersAndDoesNotRepeatThem() {
        assertUnknown(
                "\u001b[31mho\nst\u0085-5",
                "the lock's target names no possible host: \"\\u001b[31mho\\u000ast\\u0085-5\"");
    }

    @Test
    void refusesAControlCharacterInThePid() {
        assertUnknown("host-5\n", "the lock's target does not end in a PID: \"host-5\\u000a\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"h\u00e4st-5", "\u00ff\u00fe-5", "host-5\u0080", "\u00c0\u00af-5", "\u00ed\u00a0\u0080-5"})
    void refusesBytesThatAreNotUtf8(String bytes) {
        assertThat(SingletonLock.parse(bytes.getBytes(ISO_8859_1)))
                .isEqualTo(Observation.unknown("the lock's target is not UTF-8 text"));
    }

    @Test
    void refusesTenMegabytesAndShowsOnlyTheirBeginning() {
        byte[] target = new byte[10_000_000];
        Arrays.fill(target, (byte) 'x');

        assertThat(SingletonLock.parse(target))
                .isEqualTo(Observation.unknown(
                        "the lock's target has no hyphen between host and PID: \"" + "x".repeat(80) + "…\""));
    }

    @Test
    void refusesTenMegabytesOfDigits() {
        assertThat(parse("host-" + "9".repeat(10_000_000)))
                .isEqualTo(Observation.unknown(
                        "the PID in the lock's target is beyond any range: \"host-" + "9".repeat(75) + "…\""));
    }

    @Test
    void showsATargetOfEightyCharactersWhole() {
        assertUnknown(
                "x".repeat(80), "the lock's target has no hyphen between host and PID: \"" + "x".repeat(80) + "\"");
    }

    @Test
    void givesTheNameThatChromiumUses() {
        assertThat(SingletonLock.FILE_NAME).isEqualTo("SingletonLock");
    }

    @Property
    void neverThrows(@ForAll byte[] target) {
        assertThatCode(() -> SingletonLock.parse(target)).doesNotThrowAnyException();
    }

    @Property
    void neverSaysThatThereIsNoLock(@ForAll("targets") String target) {
        assertThat(parse(target)).isNotInstanceOf(Observation.Absent.class);
    }

    @Property
    void readsWhatItWrites(@ForAll("locks") SingletonLock lock) {
        assertThat(parse(lock.target())).isEqualTo(Observation.seen(lock));
    }

    @Property
    void readsNothingThatItWouldWriteOtherwise(@ForAll("targets") String target) {
        if (parse(target) instanceof Observation.Seen<SingletonLock> seen) {
            assertThat(seen.value().target().getBytes(UTF_8)).isEqualTo(target.getBytes(UTF_8));
        }
    }

    @Property
    void readsNoBytesThatItWouldWriteOtherwise(@ForAll byte[] target) {
        if (SingletonLock.parse(target) instanceof Observation.Seen<SingletonLock> seen) {
            assertThat(seen.value().target().getBytes(UTF_8)).isEqualTo(target);
        }
    }

    @Provide
    Arbitrary<SingletonLock> locks() {
        Arbitrary<String> host = Arbitraries.strings()
                .withChars("-.")
                .withCharRange('a', 'z')
                .withCharRange('0', '9')
                .withCharRange('\u00a0', '\u024f')
                .ofMinLength(1)
                .ofMaxLength(64);
        Arbitrary<Long> pid = Arbitraries.longs().between(0, 999_999_999_999_999_999L);
        return Combinators.combine(host, pid).as(SingletonLock::new);
    }

    /** Nearly locks: every other one is. */
    @Provide
    Arbitrary<String> targets() {
        return Arbitraries.strings()
                .withChars("--h.0123456789+/ \n\u0665")
                .ofMinLength(0)
                .ofMaxLength(8)
                .flatMap(odd -> Arbitraries.of(odd, "h-" + odd, "h" + odd + "-5", "-" + odd, odd + "5"));
    }

    private static Observation<SingletonLock> parse(String target) {
        return SingletonLock.parse(target.getBytes(UTF_8));
    }

    private static void assertUnknown(String target, String reason) {
        assertThat(parse(target)).isEqualTo(Observation.unknown(reason));
    }
}
