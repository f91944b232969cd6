package io.relaunchguard.core.secondstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.secondstart.ReplyCodec.Decoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H29")
class ReplyCodecTest {

    private static final int FORMAT_2 = 0x47534132;
    private static final Reply REPLY = new Reply(Answer.ELSEWHERE, "es läuft auf :0", Map.of("code", "7"));

    @Test
    void everyAnswerIsReadAsItWasWritten() {
        for (Answer answer : Answer.values()) {
            byte[] bytes = ReplyCodec.encode(Reply.of(answer));
            assertThat(ReplyCodec.decode(bytes)).isEqualTo(new Decoding.Whole(Reply.of(answer), bytes.length));
        }
        byte[] bytes = ReplyCodec.encode(REPLY);
        assertThat(ReplyCodec.decode(bytes)).isEqualTo(new Decoding.Whole(REPLY, bytes.length));
    }

    @Test
    void theFirstOfSeveralIsReadAndEveryBeginningIsPartial() {
        byte[] first = ReplyCodec.encode(REPLY);
        for (int length = 0; length < first.length; length++) {
            assertThat(ReplyCodec.decode(Arrays.copyOf(first, length))).isEqualTo(new Decoding.Partial());
        }
        assertThat(ReplyCodec.decode(Arrays.copyOf(first, first.length + 5)))
                .isEqualTo(new Decoding.Whole(REPLY, first.length));
    }

    @Test
    void anAnswerOfALaterVersionIsPassedOver() {
        byte[] later = Texts.message(FORMAT_2, Texts.content(Map.of("answer", List.of("PERHAPS"))));
        assertThat(ReplyCodec.decode(later)).isEqualTo(new Decoding.Unheard(later.length));
    }

    @Test
    void aRefusalOfAVersionThatKnowsFormat1AloneIsKnown() {
        assertThat(ReplyCodec.decode(new byte[] {'N'})).isEqualTo(new Decoding.Old());
    }

    @Test
    void whatIsNoAnswerIsMalformed() {
        assertThat(ReplyCodec.decode("HTTP/1.1 400".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new Decoding.Malformed("it is no answer"));
        assertThat(ReplyCodec.decode(ByteBuffer.allocate(8)
                        .putInt(FORMAT_2)
                        .putInt(ReplyCodec.MAX_BYTES - 7)
                        .array()))
                .isEqualTo(new Decoding.Malformed("it is too long"));
        assertThat(ReplyCodec.decode(Texts.message(FORMAT_2, List.of(1, "answer", 5))))
                .isEqualTo(new Decoding.Malformed("its lengths do not fit"));
    }

    @Test
    void whatIsTooLongIsLeftOutAndTheAnswerStays() {
        String huge = "x".repeat(ReplyCodec.MAX_BYTES);
        byte[] withoutData = ReplyCodec.encode(new Reply(Answer.REFUSED, "no window", Map.of("huge", huge)));
        assertThat(ReplyCodec.decode(withoutData))
                .isEqualTo(new Decoding.Whole(Reply.of(Answer.REFUSED, "no window"), withoutData.length));
        byte[] bare = ReplyCodec.encode(Reply.of(Answer.REFUSED, huge));
        assertThat(ReplyCodec.decode(bare)).isEqualTo(new Decoding.Whole(Reply.of(Answer.REFUSED), bare.length));
    }

    /** As versions before 2 wrote and read them. */
    @Test
    void format1HasOneByteForEachAndNoneForStarting() {
        assertThat(ReplyCodec.encode1(Answer.RECEIVED)).contains((byte) 'R');
        assertThat(ReplyCodec.encode1(Answer.ACCEPTED)).contains((byte) 'A');
        for (Answer refusal : List.of(Answer.REFUSED, Answer.CLOSING, Answer.ELSEWHERE)) {
            assertThat(ReplyCodec.encode1(refusal)).contains((byte) 'N');
        }
        assertThat(ReplyCodec.encode1(Answer.STARTING)).isEmpty();
        for (Answer answer : List.of(Answer.RECEIVED, Answer.ACCEPTED, Answer.REFUSED)) {
            assertThat(ReplyCodec.decode1(ReplyCodec.encode1(answer).orElseThrow()))
                    .isEqualTo(new Decoding.Whole(Reply.of(answer), 1));
        }
        assertThat(ReplyCodec.decode1((byte) '?')).isEqualTo(new Decoding.Malformed("it is no answer"));
    }

    @Property
    void noBytesMakeItThrow(@ForAll @Size(max = 64) byte[] tail) {
        byte[] bytes = ByteBuffer.allocate(8 + tail.length)
                .putInt(FORMAT_2)
                .putInt(tail.length)
                .put(tail)
                .array();
        assertThat(ReplyCodec.decode(bytes)).isNotInstanceOf(Decoding.Partial.class);
        assertThat(ReplyCodec.decode(tail)).isNotNull();
    }
}
