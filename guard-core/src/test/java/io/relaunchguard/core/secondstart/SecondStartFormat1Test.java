package io.relaunchguard.core.secondstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.secondstart.SecondStartCodec.Decoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H29")
class SecondStartFormat1Test {

    private static final SecondStart START = new SecondStart(List.of("--open", "a file\n", "", "ü𝄞"), "/home/ü");

    @Test
    void whatIsWrittenIsRead() {
        assertThat(SecondStartCodec.decode(bytes(START))).isEqualTo(new Decoding.Whole(START, 1));
        SecondStart bare = new SecondStart(List.of(), "");
        assertThat(SecondStartCodec.decode(bytes(bare))).isEqualTo(new Decoding.Whole(bare, 1));
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
                .isEqualTo(new Decoding.Malformed("something follows it", 1));
    }

    @Test
    void anotherProtocolIsMalformed() {
        assertThat(SecondStartCodec.decode("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new Decoding.Malformed("it is no second start", 1));
    }

    @Test
    void aLengthOutOfItsRangeIsMalformedBeforeAnythingFollows() {
        for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, SecondStartCodec.MAX_BYTES_1 - 7}) {
            assertThat(SecondStartCodec.decode(ByteBuffer.wrap(Arrays.copyOf(bytes(START), 8))
                            .putInt(4, length)
                            .array()))
                    .isEqualTo(new Decoding.Malformed("it is too long", 1));
        }
    }

    @Test
    void theLongestThatIsSentIsRead() {
        SecondStart longest = new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES_1 - 20)), "");
        assertThat(bytes(longest)).hasSize(SecondStartCodec.MAX_BYTES_1);
        assertThat(SecondStartCodec.decode(bytes(longest))).isEqualTo(new Decoding.Whole(longest, 1));
        assertThat(SecondStartCodec.encode1(
                        new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES_1 - 19)), "")))
                .isEmpty();
    }

    @Test
    void lengthsThatDoNotFitAreMalformed() {
        Decoding misfit = new Decoding.Malformed("its lengths do not fit", 1);
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
                    .isEqualTo(new Decoding.Malformed("its lengths do not fit", 1));
        }
    }

    @Test
    void aTextThatNoCommandLineCanHaveIsMalformed() {
        byte[] one = bytes(new SecondStart(List.of("a"), "d"));
        one[one.length - 1] = 0;
        assertThat(SecondStartCodec.decode(one))
                .isEqualTo(new Decoding.Malformed("it has a text that no command line can have", 1));
        one[one.length - 1] = (byte) 0xff;
        assertThat(SecondStartCodec.decode(one))
                .isEqualTo(new Decoding.Malformed("it has a text that is not UTF-8", 1));
    }

    @Property
    void noBytesMakeItThrow(@ForAll @Size(max = 64) byte[] tail) {
        byte[] bytes = Arrays.copyOf(bytes(START), 8 + tail.length);
        ByteBuffer.wrap(bytes).putInt(4, tail.length).position(8).put(tail);
        assertThat(SecondStartCodec.decode(bytes)).isNotInstanceOf(Decoding.Partial.class);
        assertThat(SecondStartCodec.decode(tail)).isNotInstanceOf(Decoding.Whole.class);
    }

    @Test
    void itIsWhatVersionsThatKnowNothingElseWroteAndRead() {
        SecondStart start = new SecondStart(List.of("--open", "ü𝄞.txt"), "/home/ü");
        byte[] theirs = HexFormat.of()
                .parseHex(
                        "5247533100000028000000082f686f6d652fc3bc00000002000000062d2d6f70656e0000000ac3bcf09d849e2e747874");
        assertThat(bytes(start)).isEqualTo(theirs);
        assertThat(SecondStartCodec.decode(theirs)).isEqualTo(new Decoding.Whole(start, 1));
    }

    private static byte[] bytes(SecondStart start) {
        return SecondStartCodec.encode1(start).orElseThrow();
    }
}
