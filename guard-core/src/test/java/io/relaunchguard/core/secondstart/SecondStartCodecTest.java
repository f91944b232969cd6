package io.relaunchguard.core.secondstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.secondstart.SecondStartCodec.Decoding;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Format 2; format 1 has a test of its own. */
@Tag("H29")
class SecondStartCodecTest {

    private static final int FORMAT_2 = 0x52475332;
    private static final Desktop DESKTOP = new Desktop(
            Optional.of(":0"),
            Optional.of("wayland-0"),
            Optional.of("3"),
            Optional.of("id_TIME77"),
            Optional.of("token"));
    private static final SecondStart START =
            new SecondStart(List.of("--open", "a file\n", "", "ü𝄞"), "/home/ü", DESKTOP, Map.of("version", "7"));

    @Test
    void whatIsWrittenIsRead() {
        assertThat(SecondStartCodec.decode(bytes(START))).isEqualTo(new Decoding.Whole(START, 2));
        SecondStart bare = new SecondStart(List.of(), "");
        assertThat(SecondStartCodec.decode(bytes(bare))).isEqualTo(new Decoding.Whole(bare, 2));
    }

    @Test
    void whatALaterVersionAddsIsPassedOver() {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("of the future", List.of("1", "2"));
        fields.put("arguments", List.of("a"));
        fields.put("directory", List.of("/"));
        assertThat(SecondStartCodec.decode(Texts.message(FORMAT_2, Texts.content(fields))))
                .isEqualTo(new Decoding.Whole(new SecondStart(List.of("a"), "/"), 2));
    }

    @Test
    void everyBeginningOfOneIsPartialAndSomethingBehindItMakesItMalformed() {
        byte[] whole = bytes(START);
        for (int length = 0; length < whole.length; length++) {
            assertThat(SecondStartCodec.decode(Arrays.copyOf(whole, length))).isEqualTo(new Decoding.Partial());
        }
        assertThat(SecondStartCodec.decode(Arrays.copyOf(whole, whole.length + 1)))
                .isEqualTo(new Decoding.Malformed("something follows it", 2));
    }

    @Test
    void withoutArgumentsOrDirectoryOrWithAFieldTwiceItIsMalformed() {
        assertThat(SecondStartCodec.decode(Texts.message(FORMAT_2, Texts.content(Map.of("directory", List.of("/"))))))
                .isEqualTo(new Decoding.Malformed("it has no arguments", 2));
        assertThat(SecondStartCodec.decode(Texts.message(FORMAT_2, Texts.content(Map.of("arguments", List.of())))))
                .isEqualTo(new Decoding.Malformed("it has no directory", 2));
        assertThat(SecondStartCodec.decode(Texts.message(FORMAT_2, List.of(2, "arguments", 0, "arguments", 0))))
                .isEqualTo(new Decoding.Malformed("it has a field twice", 2));
    }

    @Test
    void theLongestThatIsSentIsRead() {
        int overhead = bytes(new SecondStart(List.of(""), "")).length;
        String text = "x".repeat(SecondStartCodec.MAX_BYTES - overhead);
        SecondStart longest = new SecondStart(List.of(text), "");
        assertThat(bytes(longest)).hasSize(SecondStartCodec.MAX_BYTES);
        assertThat(SecondStartCodec.decode(bytes(longest))).isEqualTo(new Decoding.Whole(longest, 2));
        assertThat(SecondStartCodec.encode(new SecondStart(List.of(text + "x"), "")))
                .isEmpty();
        assertThat(SecondStartCodec.decode(ByteBuffer.allocate(8)
                        .putInt(FORMAT_2)
                        .putInt(SecondStartCodec.MAX_BYTES - 7)
                        .array()))
                .isEqualTo(new Decoding.Malformed("it is too long", 2));
    }

    @Property
    void noBytesMakeItThrow(@ForAll @Size(max = 64) byte[] tail) {
        byte[] bytes = Arrays.copyOf(bytes(START), 8 + tail.length);
        ByteBuffer.wrap(bytes).putInt(4, tail.length).position(8).put(tail);
        assertThat(SecondStartCodec.decode(bytes)).isNotInstanceOf(Decoding.Partial.class);
    }

    private static byte[] bytes(SecondStart start) {
        return SecondStartCodec.encode(start).orElseThrow();
    }
}
