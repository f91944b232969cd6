package io.relaunchguard.core.secondstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.secondstart.SecondStartCodec.Decoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H29")
class SecondStartCodecTest {

    private static final SecondStart START = new SecondStart(List.of("--open", "a file\n", "", "ü𝄞"), "/home/ü");

    @Test
    void whatIsWrittenIsRead() {
        assertThat(SecondStartCodec.decode(bytes(START))).isEqualTo(new Decoding.Whole(START));
        SecondStart bare = new SecondStart(List.of(), "");
        assertThat(SecondStartCodec.decode(bytes(bare))).isEqualTo(new Decoding.Whole(bare));
    }

    @Test
    void everyBeginningOfOneIsPartial() {
        byte[] whole = bytes(START);
        for (int length = 0; length < whole.length; length++) {
            assertThat(SecondStartCodec.decode(Arrays.copyOf(whole, length))).isEqualTo(new Decoding.Partial());
        }
    }

    @Test
    void somethingBehindItMakesItMalformed() {
        assertThat(SecondStartCodec.decode(Arrays.copyOf(bytes(START), bytes(START).length + 1)))
                .isEqualTo(new Decoding.Malformed("something follows it"));
    }

    @Test
    void anotherProtocolIsMalformed() {
        assertThat(SecondStartCodec.decode("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new Decoding.Malformed("it is no second start"));
    }

    @Test
    void aLengthOutOfItsRangeIsMalformedBeforeAnythingFollows() {
        for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, SecondStartCodec.MAX_BYTES - 7}) {
            assertThat(SecondStartCodec.decode(ByteBuffer.wrap(Arrays.copyOf(bytes(START), 8))
                            .putInt(4, length)
                            .array()))
                    .isEqualTo(new Decoding.Malformed("it is too long"));
        }
    }

    @Test
    void theLongestThatIsSentIsRead() {
        SecondStart longest = new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES - 20)), "");
        assertThat(bytes(longest)).hasSize(SecondStartCodec.MAX_BYTES);
        assertThat(SecondStartCodec.decode(bytes(longest))).isEqualTo(new Decoding.Whole(longest));
        assertThat(SecondStartCodec.encode(new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES - 19)), "")))
                .isEmpty();
    }

    @Test
    void lengthsThatDoNotFitAreMalformed() {
        Decoding misfit = new Decoding.Malformed("its lengths do not fit");
        byte[] one = bytes(new SecondStart(List.of("a"), "d"));
        // The directory's length, the number of arguments, the argument's length.
        for (int position : new int[] {8, 13, 17}) {
            for (int number : new int[] {-1, 100, Integer.MAX_VALUE}) {
                assertThat(SecondStartCodec.decode(ByteBuffer.wrap(one.clone())
                                .putInt(position, number)
                                .array()))
                        .isEqualTo(misfit);
            }
        }
        assertThat(SecondStartCodec.decode(
                        ByteBuffer.wrap(Arrays.copyOf(one, 8)).putInt(4, 0).array()))
                .isEqualTo(misfit);
    }

    @Test
    void oneArgumentOrOneByteMoreThanThereIsIsMalformed() {
        byte[] one = bytes(new SecondStart(List.of("a"), "d"));
        for (int position : new int[] {13, 17}) {
            assertThat(SecondStartCodec.decode(
                            ByteBuffer.wrap(one.clone()).putInt(position, 2).array()))
                    .isEqualTo(new Decoding.Malformed("its lengths do not fit"));
        }
    }

    @Test
    void aTextThatNoCommandLineCanHaveIsMalformed() {
        byte[] one = bytes(new SecondStart(List.of("a"), "d"));
        one[one.length - 1] = 0;
        assertThat(SecondStartCodec.decode(one))
                .isEqualTo(new Decoding.Malformed("it has a text that no command line can have"));
        one[one.length - 1] = (byte) 0xff;
        assertThat(SecondStartCodec.decode(one)).isEqualTo(new Decoding.Malformed("it has a text that is not UTF-8"));
    }

    @Property
    void noBytesMakeItThrow(@ForAll @Size(max = 64) byte[] tail) {
        byte[] bytes = Arrays.copyOf(bytes(START), 8 + tail.length);
        ByteBuffer.wrap(bytes).putInt(4, tail.length).position(8).put(tail);
        assertThat(SecondStartCodec.decode(bytes)).isNotInstanceOf(Decoding.Partial.class);
        assertThat(SecondStartCodec.decode(tail)).isNotInstanceOf(Decoding.Whole.class);
    }

    @Test
    void anAnswerIsKnownByItsCode() {
        for (Answer answer : Answer.values()) {
            assertThat(Answer.of(answer.code())).contains(answer);
        }
        assertThat(Answer.of((byte) 0)).isEmpty();
    }

    private static byte[] bytes(SecondStart start) {
        return SecondStartCodec.encode(start).orElseThrow();
    }
}
