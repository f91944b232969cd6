package io.relaunchguard.core.consent;

import static io.relaunchguard.core.consent.MarkerFields.markerBut;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.KeyValueText;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Builders;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkerCodecTest {

    private static final String FILE = """
            format=1
            pid=4711
            start=8812345
            boot=0b1c5a9e-5f8d-4a58-9d5e-1f2a3b4c5d6e
            host=desk-7
            machine=7d4e1c0a9b8f4e21a6c5d3b2a1f0e9d8
            pid-namespace=pid:[4026531836]
            user=1000
            profile=64769:1310722
            executable=/opt/app/app
            from=1.4.0
            to=1.5.0
            nonce=c0ffee42
            written=86400000
            written-at=2026-03-01T08:15:30.250Z
            deadline=86430000
            """;

    private static final ConsentMarker MARKER = new MarkerFields().build();

    private static final long LARGEST = 999_999_999_999_999_999L;

    @Test
    void writesOneKeyALine() {
        assertThat(new String(MarkerCodec.encode(MARKER), UTF_8)).isEqualTo(FILE);
    }

    @Test
    void readsEveryKey() {
        assertThat(decode(FILE)).isEqualTo(new MarkerReading.Valid(MARKER));
    }

    @Test
    void readsItsKeysInAnyOrder() {
        List<String> lines = Arrays.asList(FILE.split("(?<=\n)", -1));
        Collections.reverse(lines);

        assertThat(decode(String.join("", lines))).isEqualTo(new MarkerReading.Valid(MARKER));
    }

    @Test
    void readsLinesThatEndAsOnWindows() {
        assertThat(decode(FILE.replace("\n", "\r\n"))).isEqualTo(new MarkerReading.Valid(MARKER));
    }

    @Test
    void passesOverKeysItDoesNotKnow() {
        assertThat(decode(FILE + "colour=blue\n")).isEqualTo(new MarkerReading.Valid(MARKER));
    }

    @Test
    void takesEverythingAfterTheFirstEqualsSignForTheValue() {
        assertThat(decode(with("executable", "/opt/a=b/=")))
                .isEqualTo(new MarkerReading.Valid(markerBut(m -> m.executable = "/opt/a=b/=")));
    }

    @Test
    void keepsSpacesInValues() {
        assertThat(decode(with("host", " desk 7 ")))
                .isEqualTo(new MarkerReading.Valid(markerBut(m -> m.host = " desk 7 ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format",
                "pid",
                "start",
                "boot",
                "host",
                "machine",
                "pid-namespace",
                "user",
                "profile",
                "nonce",
                "written",
                "written-at",
                "deadline"
            })
    @Tag("H05")
    void refusesAMarkerWithAKeyMissing(String key) {
        assertInvalid(without(key), "the marker has no \"" + key + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"executable", "from", "to"})
    void readsAMissingKeyThatIsOnlyForPeopleAsEmpty(String key) {
        assertThat(decode(without(key))).isEqualTo(decode(with(key, ""))).isInstanceOf(MarkerReading.Valid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format",
                "pid",
                "start",
                "boot",
                "host",
                "machine",
                "pid-namespace",
                "user",
                "profile",
                "executable",
                "from",
                "to",
                "nonce",
                "written",
                "written-at",
                "deadline"
            })
    @Tag("H05")
    void refusesAMarkerWithAKeyDoubled(String key) {
        assertInvalid(FILE + line(key), "the marker has \"" + key + "\" twice");
    }

    @Test
    void refusesAMarkerWithAnUnknownKeyDoubled() {
        assertInvalid(FILE + "colour=blue\ncolour=red\n", "the marker has \"colour\" twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "boot", "host", "pid-namespace", "user", "profile", "nonce", "format", "pid"})
    @Tag("H05")
    void refusesAnIdentityThatIsEmpty(String key) {
        assertInvalid(with(key, ""), "the marker's \"" + key + "\" is empty or too long");
    }

    @Test
    @Tag("H05")
    void refusesAnIdentityOfSpaces() {
        assertInvalid(with("start", "  "), "the marker's \"start\" is empty or too long");
    }

    @Test
    void readsAMarkerOfAMachineWithoutAnId() {
        assertThat(decode(with("machine", ""))).isEqualTo(new MarkerReading.Valid(markerBut(m -> m.machineId = "")));
    }

    @Test
    void readsAnIdentityOfTheLongestLength() {
        assertThat(decode(with("host", "h".repeat(256))))
                .isEqualTo(new MarkerReading.Valid(markerBut(m -> m.host = "h".repeat(256))));
    }

    @Test
    void refusesAnIdentityThatIsOneLonger() {
        assertInvalid(with("host", "h".repeat(257)), "the marker's \"host\" is empty or too long");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pid|-1",
                "pid|+1",
                "pid|' 1'",
                "pid|'1 '",
                "pid|0x10",
                "pid|1.0",
                "pid|1e3",
                "pid|1_000",
                "pid|\u0665",
                "pid|\uff15",
                "pid|/",
                "pid|:",
                "pid|1000000000000000000",
                "pid|99999999999999999999999",
                "written|-1",
                "written|' 1'",
                "written|1000000000000000000",
                "deadline|-1",
                "deadline|+1",
                "deadline|1000000000000000000"
            })
    @Tag("H05")
    void refusesANumberThatIsNotPlainDigitsInRange(String key, String value) {
        assertInvalid(with(key, value), "the marker's \"" + key + "\" is not a number in range");
    }

    @Test
    void readsTheSmallestNumbers() {
        assertThat(decode(FILE.replace("pid=4711", "pid=0").replace("written=86400000", "written=0")))
                .isEqualTo(new MarkerReading.Valid(markerBut(m -> {
                    m.pid = 0;
                    m.written = Duration.ZERO;
                })));
    }

    @Test
    @Tag("H06")
    void readsTheLargestNumbersUnnarrowed() {
        assertThat(decode(with("pid", "999999999999999999")))
                .isEqualTo(new MarkerReading.Valid(markerBut(m -> m.pid = LARGEST)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0", "01", "1.0", "one", " 1"})
    @Tag("H05")
    void refusesAnotherFormat(String format) {
        assertInvalid(with("format", format), "the marker's format is \"" + format + "\"; this version reads format 1");
    }

    @Test
    void saysThatTheFormatIsAnotherBeforeItMissesKeys() {
        assertInvalid("format=2\n", "the marker's format is \"2\"; this version reads format 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2026-03-01", "2026-03-01T08:15:30", "1772352930", "2026-13-01T08:15:30Z"})
    void refusesATimeThatIsNoInstant(String time) {
        assertInvalid(with("written-at", time), "the marker's \"written-at\" is not an ISO-8601 instant");
    }

    @Test
    @Tag("H05")
    void refusesATornEnd() {
        assertInvalid(FILE.substring(0, FILE.length() - 1), "the marker is torn: its last line has no end");
    }

    @Test
    @Tag("H05")
    void refusesAnEmptyFile() {
        assertInvalid("", "the marker is torn: its last line has no end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "pid\n", "=4711\n", "# a comment\n", "[marker]\n"})
    void refusesALineThatIsNotKeyAndValue(String line) {
        assertInvalid(FILE + line, "the marker has a line that is not key=value");
        assertInvalid(line + FILE, "the marker has a line that is not key=value");
    }

    @Test
    @Tag("H05")
    void refusesAMarkerLikeTheSeedsWithOnlyAPid() {
        assertInvalid("4711", "the marker is torn: its last line has no end");
        assertInvalid("4711\n", "the marker has a line that is not key=value");
        assertInvalid("pid=4711\n", "the marker has no \"format\"");
    }

    @Test
    void refusesAByteOrderMark() {
        assertInvalid("\ufeff" + FILE, "the marker has a line that is not key=value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\tb", "a\u0000b", "a\u001bb", "a\u007fb", "a\u0085b", "a\rb"})
    void refusesControlCharacters(String value) {
        assertInvalid(with("executable", value), "the marker's \"executable\" has a control character");
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        assertThat(MarkerCodec.decode(with("executable", "\u00ff").getBytes(ISO_8859_1)))
                .isEqualTo(new MarkerReading.Invalid("the marker is not UTF-8 text"));
    }

    @Test
    void readsAMarkerOfTheLongestLength() {
        String padded = FILE + "padding=" + "x".repeat(KeyValueText.MAX_BYTES - FILE.length() - 9) + "\n";

        assertThat(padded).hasSize(8192);
        assertThat(decode(padded)).isEqualTo(new MarkerReading.Valid(MARKER));
    }

    @Test
    void refusesAMarkerThatIsOneByteLonger() {
        String padded = FILE + "padding=" + "x".repeat(KeyValueText.MAX_BYTES - FILE.length() - 8) + "\n";

        assertThat(padded).hasSize(8193);
        assertInvalid(padded, "the marker is longer than 8192 bytes");
    }

    @ParameterizedTest
    @MethodSource
    void writesNoMarkerThatItCouldNotRead(String reason, Consumer<MarkerFields> change) {
        ConsentMarker marker = markerBut(change);

        assertThatThrownBy(() -> MarkerCodec.encode(marker))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("this marker cannot be written: " + reason);
    }

    static Stream<Arguments> writesNoMarkerThatItCouldNotRead() {
        return Map.<String, Consumer<MarkerFields>>ofEntries(
                        Map.entry("the marker's \"start\" is empty or too long", m -> m.start = ""),
                        Map.entry("the marker's \"host\" is empty or too long", m -> m.host = "h".repeat(257)),
                        Map.entry("the marker's \"pid\" is not a number in range", m -> m.pid = -1),
                        Map.entry(
                                "the marker's \"written\" is not a number in range",
                                m -> m.written = Duration.ofMillis(-1)),
                        Map.entry(
                                "the marker's \"deadline\" is not a number in range",
                                m -> m.deadline = Duration.ofMillis(LARGEST + 1)),
                        Map.entry("the marker's \"user\" has a control character", m -> m.user = "a\tb"),
                        Map.entry("the marker has \"pid\" twice", m -> m.executable = "x\npid=1"),
                        Map.entry("the marker has a line that is not key=value", m -> m.toVersion = "1.5.0\n"),
                        Map.entry("the marker is longer than 8192 bytes", m -> m.executable = "x".repeat(8192)),
                        Map.entry("a value has characters that UTF-8 cannot hold", m -> m.nonce = "a\ud800b"))
                .entrySet()
                .stream()
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @Test
    void writesNoCarriageReturnThatReadingWouldSwallow() {
        assertThatThrownBy(() -> MarkerCodec.encode(markerBut(m -> m.executable = "/opt/app\r")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesCharactersBeyondTheBasicPlane() {
        ConsentMarker marker = markerBut(m -> m.executable = "/opt/\ud83d\ude80/app");

        assertThat(MarkerCodec.decode(MarkerCodec.encode(marker))).isEqualTo(new MarkerReading.Valid(marker));
    }

    @Test
    void writesTimesInWholeMilliseconds() {
        ConsentMarker marker = markerBut(m -> {
            m.written = Duration.ofMillis(5).plusNanos(999_999);
            m.deadline = Duration.ofMillis(7).plusNanos(1);
        });

        assertThat(marker.written()).isEqualTo(Duration.ofMillis(5));
        assertThat(marker.deadline()).isEqualTo(Duration.ofMillis(7));
        assertThat(MarkerCodec.decode(MarkerCodec.encode(marker))).isEqualTo(new MarkerReading.Valid(marker));
    }

    /** In one property: most of the time goes into making a marker. */
    @Property
    @net.jqwik.api.Tag("H05")
    void readsWhatItWritesInWhateverOrderAndEndingButNoPrefix(
            @ForAll("markers") ConsentMarker marker, @ForAll Random random) {
        byte[] whole = MarkerCodec.encode(marker);
        List<String> lines = new String(whole, UTF_8).lines().collect(Collectors.toList());
        Collections.shuffle(lines, random);
        String shuffled = lines.stream()
                .map(line -> line + (random.nextBoolean() ? "\r\n" : "\n"))
                .collect(Collectors.joining());

        assertThat(MarkerCodec.decode(whole)).isEqualTo(new MarkerReading.Valid(marker));
        assertThat(decode(shuffled)).isEqualTo(new MarkerReading.Valid(marker));
        assertThat(MarkerCodec.decode(Arrays.copyOf(whole, random.nextInt(whole.length))))
                .isInstanceOf(MarkerReading.Invalid.class);
    }

    @Test
    @Tag("H05")
    void believesNoTornMarker() {
        byte[] whole = FILE.getBytes(UTF_8);

        assertThat(IntStream.range(0, whole.length))
                .allSatisfy(length -> assertThat(MarkerCodec.decode(Arrays.copyOf(whole, length)))
                        .isInstanceOf(MarkerReading.Invalid.class));
    }

    @Test
    @Tag("H05")
    void believesNoTornMarkerWithLinesThatEndAsOnWindows() {
        byte[] whole = FILE.replace("\n", "\r\n").getBytes(UTF_8);

        assertThat(IntStream.range(0, whole.length))
                .allSatisfy(length -> assertThat(MarkerCodec.decode(Arrays.copyOf(whole, length)))
                        .isInstanceOf(MarkerReading.Invalid.class));
    }

    @Property
    @net.jqwik.api.Tag("H05")
    void neverThrows(@ForAll byte[] content) {
        assertThatCode(() -> MarkerCodec.decode(content)).doesNotThrowAnyException();
    }

    @Property
    @net.jqwik.api.Tag("H05")
    void neverThrowsOnLinesLikeItsOwn(@ForAll("lines") List<String> lines) {
        assertThatCode(() -> decode(String.join("", lines))).doesNotThrowAnyException();
    }

    @Property
    @net.jqwik.api.Tag("H05")
    void readsBitsThatFlippedAsNothingOrAsWhatItWouldWrite(
            @ForAll @Size(min = 1, max = 3) List<@IntRange(max = 1_000_000) Integer> flips) {
        byte[] content = FILE.getBytes(UTF_8);
        flips.forEach(flip -> content[flip / 8 % content.length] ^= (byte) (1 << flip % 8));

        if (MarkerCodec.decode(content) instanceof MarkerReading.Valid valid) {
            assertThat(MarkerCodec.decode(MarkerCodec.encode(valid.marker()))).isEqualTo(valid);
        }
    }

    @Test
    @Tag("H05")
    void readsAnySingleFlippedBitAsNothingOrAsWhatItWouldWrite() {
        for (int bit = 0; bit < FILE.length() * 8; bit++) {
            byte[] content = FILE.getBytes(UTF_8);
            content[bit / 8] ^= (byte) (1 << bit % 8);

            if (MarkerCodec.decode(content) instanceof MarkerReading.Valid valid) {
                assertThat(MarkerCodec.decode(MarkerCodec.encode(valid.marker())))
                        .as("bit %d", bit)
                        .isEqualTo(valid);
            }
        }
    }

    @Provide
    Arbitrary<ConsentMarker> markers() {
        Arbitrary<String> text = Arbitraries.strings()
                .withCharRange(' ', '~')
                .withCharRange('\u00a0', '\u02ff')
                .withCharRange('\u2028', '\u2029')
                .withCharRange('\u4e00', '\u4eff')
                .ofMaxLength(20);
        Arbitrary<String> token = text.filter(value -> !value.isBlank());
        Arbitrary<Long> number = Arbitraries.longs().between(0, LARGEST);
        Arbitrary<Instant> instant = Combinators.combine(
                        Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                        Arbitraries.integers().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
        return Builders.withBuilder(MarkerFields::new)
                .use(number)
                .inSetter((m, v) -> m.pid = v)
                .use(token)
                .inSetter((m, v) -> m.start = v)
                .use(token)
                .inSetter((m, v) -> m.bootId = v)
                .use(token)
                .inSetter((m, v) -> m.host = v)
                .use(text)
                .inSetter((m, v) -> m.machineId = v)
                .use(token)
                .inSetter((m, v) -> m.pidNamespace = v)
                .use(token)
                .inSetter((m, v) -> m.user = v)
                .use(token)
                .inSetter((m, v) -> m.profile = v)
                .use(text)
                .inSetter((m, v) -> m.executable = v)
                .use(text)
                .inSetter((m, v) -> m.fromVersion = v)
                .use(text)
                .inSetter((m, v) -> m.toVersion = v)
                .use(token)
                .inSetter((m, v) -> m.nonce = v)
                .use(number.map(Duration::ofMillis))
                .inSetter((m, v) -> m.written = v)
                .use(instant)
                .inSetter((m, v) -> m.writtenAt = v)
                .use(number.map(Duration::ofMillis))
                .inSetter((m, v) -> m.deadline = v)
                .build(MarkerFields::build);
    }

    @Provide
    Arbitrary<List<String>> lines() {
        return Arbitraries.of(FILE.split("(?<=\n)", -1))
                .flatMap(line -> Arbitraries.of(line, line, line, line.stripTrailing(), line.replace('=', '\r'), "\n"))
                .list()
                .ofMaxSize(40);
    }

    private static MarkerReading decode(String file) {
        return MarkerCodec.decode(file.getBytes(UTF_8));
    }

    private static void assertInvalid(String file, String reason) {
        assertThat(decode(file)).isEqualTo(new MarkerReading.Invalid(reason));
    }

    private static String line(String key) {
        return FILE.lines()
                        .filter(line -> line.startsWith(key + "="))
                        .findFirst()
                        .orElseThrow() + "\n";
    }

    private static String without(String key) {
        return FILE.replace("\n" + line(key), "\n").replaceFirst("^" + key + "=.*\n", "");
    }

    private static String with(String key, String value) {
        return FILE.replace(line(key), key + "=" + value + "\n");
    }
}
