package io.relaunchguard.statemachine.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.relaunchguard.statemachine.history.HistoryRecord.Holder;
import io.relaunchguard.statemachine.history.HistoryRecord.Judgement;
import io.relaunchguard.statemachine.history.HistoryRecord.Predicate;
import io.relaunchguard.statemachine.history.HistoryRecord.SignalRecord;
import io.relaunchguard.statemachine.history.HistoryRecord.Step;
import io.relaunchguard.statemachine.history.HistoryRecord.Update;
import io.relaunchguard.statemachine.history.HistoryRecord.Visit;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryLineTest {

    /** One of each; the details are made up. */
    static final HistoryRecord LAUNCH = new HistoryRecord(
            "held",
            new Judgement("spare", "marker-present", "no marker"),
            new Holder("desk", 4711, Instant.parse("2026-03-01T08:15:30Z"), "881", "sleeping", "1000", null, null),
            List.of(new Predicate("marker-present", "fails", "no marker")),
            List.of(new Visit("HELD", Instant.parse("2026-03-01T08:15:30.250Z"), 12.5)),
            List.of(new Step("PREFLIGHT", "WAIT_ELAPSED", "OTHERWISE", "HELD")),
            List.of(new SignalRecord("TERM", 4711, "delivered", "")),
            List.of(4712L),
            List.of("IOException: \"broken\""),
            "/profile/threads",
            new Update("not-applied", "1.4 runs"),
            "It is held.",
            "Close it.");

    private static final String LINE = "{\"outcome\":\"held\","
            + "\"verdict\":{\"kind\":\"spare\",\"reason\":\"marker-present\",\"detail\":\"no marker\"},"
            + "\"holder\":{\"host\":\"desk\",\"pid\":4711,\"since\":\"2026-03-01T08:15:30Z\",\"start\":\"881\","
            + "\"state\":\"sleeping\",\"user\":\"1000\",\"executable\":null,\"lineage\":null},"
            + "\"predicates\":[{\"name\":\"marker-present\",\"result\":\"fails\",\"detail\":\"no marker\"}],"
            + "\"timeline\":[{\"state\":\"HELD\",\"enteredAt\":\"2026-03-01T08:15:30.250Z\",\"dwellMillis\":12.5}],"
            + "\"path\":[{\"from\":\"PREFLIGHT\",\"event\":\"WAIT_ELAPSED\",\"guard\":\"OTHERWISE\",\"to\":\"HELD\"}],"
            + "\"signals\":[{\"signal\":\"TERM\",\"pid\":4711,\"result\":\"delivered\",\"detail\":\"\"}],"
            + "\"survivors\":[4712],\"faults\":[\"IOException: \\\"broken\\\"\"],"
            + "\"threadDump\":\"/profile/threads\",\"update\":{\"effect\":\"not-applied\",\"detail\":\"1.4 runs\"},"
            + "\"summary\":\"It is held.\",\"advice\":\"Close it.\"}";

    @Test
    void writesEveryKeyInOrder() {
        assertThat(HistoryLine.of(LAUNCH)).isEqualTo(LINE);
    }

    @Test
    void readsWhatItWrote() {
        assertThat(HistoryLine.read(LINE)).contains(LAUNCH);
    }

    @Test
    void readsALineOfANewerVersionThatKnowsMore() {
        String newer = LINE.replace("{", "{\"new\":[{\"a\":[null,true,false,-1.5e-3]}],");
        assertThat(newer).isNotEqualTo(LINE);
        assertThat(HistoryLine.read(newer)).contains(LAUNCH);
    }

    @Test
    void readsALineWithSpaceInIt() {
        String spaced = LINE.replace("\":", "\" :\t").replace(",\"", " , \"").replace("[", "[ ");
        assertThat(HistoryLine.read(" " + spaced + "\r")).contains(LAUNCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"verdict", "holder"})
    void isWithoutAVerdictOrAHolderWhereTheKeyIsMissing(String key) {
        assertThat(HistoryLine.read(LINE.replace('"' + key + '"', "\"other\""))).hasValueSatisfying(launch -> {
            assertThat(launch).isNotEqualTo(LAUNCH);
            assertThat(key.equals("verdict") ? launch.verdict() : launch.holder())
                    .isNull();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "outcome",
                "predicates",
                "timeline",
                "path",
                "signals",
                "survivors",
                "faults",
                "summary",
                "advice",
                "kind",
                "host",
                "pid",
                "enteredAt",
                "dwellMillis",
                "from",
                "name"
            })
    void isNotReadWithoutAKeyThatEveryLaunchHas(String key) {
        assertThat(HistoryLine.read(LINE.replace('"' + key + '"', "\"other\""))).isEmpty();
        assertThat(HistoryLine.read(
                        LINE.replaceAll('"' + key + "\":(\"[^\"]*\"|[\\d.]+|\\[[^\\]]*\\])", '"' + key + "\":null")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4711|\"4711\"",
                "4711|4711.0",
                "4711|99999999999999999999",
                "12.5|1e999",
                "12.5|012.5",
                "12.5|12.",
                "12.5|\"12.5\"",
                "[4712]|[null]",
                "[4712]|4712",
                "[4712]|[4712,]",
                "[4712]|[[[[[[[[[[[[[[[[[[4712]]]]]]]]]]]]]]]]]]",
                "2026-03-01T08:15:30Z|yesterday",
                "\"Close it.\"|7",
                "\"Close it.\"|\"Close\tit.\"",
                "\"Close it.\"|\"\\x\"",
                "\"Close it.\"|\"\\u00g0\"",
                "\"Close it.\"|nul",
                "\"Close it.\"|'Close it.'",
                "\"Close it.\"}|\"Close it.\"}{}",
                "\"outcome\":|\"outcome\"",
                "{\"outcome\"|[\"outcome\""
            })
    void isNotReadWithAValueThatCannotBe(String change) {
        int bar = change.indexOf('|');
        String changed = LINE.replace(change.substring(0, bar), change.substring(bar + 1));
        assertThat(changed).isNotEqualTo(LINE);
        assertThat(HistoryLine.read(changed)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{}", "[]", "null", "7", "\"", "{\"outcome\"", "\u0000"})
    void isNotReadFromSomethingElse(String line) {
        assertThat(HistoryLine.read(line)).isEmpty();
    }

    @Property(tries = 500)
    void anyLaunchIsReadAsItWas(@ForAll("launches") HistoryRecord launch) {
        assertThat(HistoryLine.read(HistoryLine.of(launch))).contains(launch);
    }

    @Property(tries = 500)
    void anyLaunchIsOneLineThatCanBeEncoded(@ForAll("launches") HistoryRecord launch) throws CharacterCodingException {
        String line = HistoryLine.of(launch);
        assertThat(line.chars()).allMatch(character -> character >= ' ');
        assertThat(StandardCharsets.UTF_8
                        .newEncoder()
                        .encode(java.nio.CharBuffer.wrap(line))
                        .hasRemaining())
                .isTrue();
    }

    @Property(tries = 200)
    void aTornLineIsNotRead(@ForAll("launches") HistoryRecord launch, @ForAll("lengths") double part) {
        String line = HistoryLine.of(launch);
        assertThat(HistoryLine.read(line.substring(0, (int) (line.length() * part))))
                .isEmpty();
    }

    /** A line that was begun, and another one after it: neither is made up of the two. */
    @Property(tries = 200)
    void twoMixedLinesAreNotRead(@ForAll("launches") HistoryRecord launch, @ForAll("lengths") double part) {
        String line = HistoryLine.of(launch);
        int end = (int) (line.length() * part);
        Optional<HistoryRecord> read = HistoryLine.read(line.substring(0, end) + LINE);
        assertThat(read).isEqualTo(end == 0 ? Optional.of(LAUNCH) : Optional.empty());
    }

    @Property(tries = 2000)
    void noChangeOfALineIsEverAnError(
            @ForAll @IntRange(max = 5000) int place,
            @ForAll @IntRange(max = 3) int cut,
            @ForAll("text") String filling) {
        int start = place % LINE.length();
        int end = Math.min(LINE.length(), start + cut);
        String changed = LINE.substring(0, start) + filling + LINE.substring(end);
        assertThatCode(() -> HistoryLine.read(changed)).doesNotThrowAnyException();
    }

    @Property
    void noTextIsAnError(@ForAll("text") String text) {
        assertThatCode(() -> HistoryLine.read(text)).doesNotThrowAnyException();
        assertThatCode(() -> HistoryLine.read("{\"outcome\":" + text)).doesNotThrowAnyException();
    }

    @Test
    void aDeeplyNestedLineIsNotAnError() {
        String deep = "[".repeat(100_000);
        assertThat(HistoryLine.read("{\"outcome\":" + deep)).isEmpty();
        assertThat(HistoryLine.read(deep)).isEmpty();
    }

    @Provide
    Arbitrary<Double> lengths() {
        return Arbitraries.doubles().between(0, true, 1, false);
    }

    /** With quotes, control characters, what JSON is made of, and halves of character pairs. */
    @Provide
    Arbitrary<String> text() {
        return Arbitraries.oneOf(
                Arbitraries.strings().all().ofMaxLength(12),
                Arbitraries.strings()
                        .withChars("\"\\/{}[]:,0123456789eE+-. truefalsn\u0000\n\r\t\u001e\u007f\u2028\ud83d\ude00")
                        .ofMaxLength(12),
                Arbitraries.strings().withCharRange('\ud7f0', '\ue00f').ofMaxLength(4));
    }

    private record Extras(
            @Nullable String threadDump, @Nullable Update update) {}

    @Provide
    Arbitrary<HistoryRecord> launches() {
        Arbitrary<String> text = text();
        Arbitrary<String> perhaps = text.injectNull(0.2);
        Arbitrary<Long> pid = Arbitraries.longs();
        Arbitrary<Instant> instant = Combinators.combine(
                        Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                        Arbitraries.longs().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
        Arbitrary<Double> dwell = Arbitraries.doubles();
        Arbitrary<Judgement> verdict = Combinators.combine(text, perhaps, text).as(Judgement::new);
        Arbitrary<Holder> holder = Combinators.combine(
                        text, pid, instant.injectNull(0.2), perhaps, perhaps, perhaps, perhaps, perhaps)
                .as(Holder::new);
        Arbitrary<List<Predicate>> predicates =
                Combinators.combine(text, text, text).as(Predicate::new).list().ofMaxSize(3);
        Arbitrary<List<Visit>> timeline =
                Combinators.combine(text, instant, dwell).as(Visit::new).list().ofMaxSize(3);
        Arbitrary<List<Step>> path =
                Combinators.combine(text, text, text, text).as(Step::new).list().ofMaxSize(3);
        Arbitrary<List<SignalRecord>> signals = Combinators.combine(text, pid, text, text)
                .as(SignalRecord::new)
                .list()
                .ofMaxSize(3);
        return Combinators.combine(predicates, timeline, path, signals)
                .flatAs((p, t, s, g) -> Combinators.combine(
                                text,
                                verdict.injectNull(0.2),
                                holder.injectNull(0.2),
                                pid.list().ofMaxSize(3),
                                text.list().ofMaxSize(3),
                                Combinators.combine(
                                                perhaps,
                                                Combinators.combine(text, text)
                                                        .as(Update::new)
                                                        .injectNull(0.2))
                                        .as(Extras::new),
                                text,
                                text)
                        .as((outcome, v, h, survivors, faults, extras, summary, advice) -> new HistoryRecord(
                                outcome,
                                v,
                                h,
                                p,
                                t,
                                s,
                                g,
                                survivors,
                                faults,
                                extras.threadDump(),
                                extras.update(),
                                summary,
                                advice)));
    }
}
