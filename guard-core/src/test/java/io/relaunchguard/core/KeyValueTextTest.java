package io.relaunchguard.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class KeyValueTextTest {

    @Test
    void writesOneKeyALineInTheirOrder() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("to", "1.5.0");
        fields.put("from", "");

        assertThat(KeyValueText.encode(fields)).isEqualTo("to=1.5.0\nfrom=\n".getBytes(UTF_8));
    }

    @Test
    void readsEachKindOfValue() throws KeyValueText.Malformed {
        KeyValueText text = decode("format=7\npid=4711\nat=2026-03-01T08:15:30Z\nname=höst\nnothing=\n");

        text.requireFormat("7");
        assertThat(text.number("pid")).isEqualTo(4711);
        assertThat(text.instant("at")).isEqualTo(Instant.parse("2026-03-01T08:15:30Z"));
        assertThat(text.token("name")).isEqualTo("höst");
        assertThat(text.present("nothing")).isEmpty();
        assertThat(text.optional("name")).isEqualTo("höst");
        assertThat(text.optional("missing")).isEmpty();
    }

    @Test
    void namesItsSubjectWhenTheTextIsMalformed() {
        assertMalformed(() -> decode("a=1"), "the record is torn: its last line has no end");
        assertMalformed(() -> decode("a=1\na=1\n"), "the record has \"a\" twice");
        assertMalformed(() -> decode("a=\t\n"), "the record's \"a\" has a control character");
        assertMalformed(() -> decode("\u001b[31m=1\n"), "the record has a line that is not key=value");
        assertMalformed(() -> decode("Key=1\n"), "the record has a line that is not key=value");
        assertMalformed(() -> decode("x".repeat(8193)), "the record is longer than 8192 bytes");
    }

    @Test
    void namesItsSubjectWhenAValueIsMalformed() throws KeyValueText.Malformed {
        KeyValueText text = decode("format=1\na=x\nblank= \n");

        assertMalformed(() -> text.present("missing"), "the record has no \"missing\"");
        assertMalformed(() -> text.token("blank"), "the record's \"blank\" is empty or too long");
        assertMalformed(() -> text.number("a"), "the record's \"a\" is not a number in range");
        assertMalformed(() -> text.instant("a"), "the record's \"a\" is not an ISO-8601 instant");
        assertMalformed(() -> text.requireFormat("2"), "the record's format is \"1\"; this version reads format 2");
    }

    @Test
    void takesKeysOfLowerCaseLettersDigitsAndHyphensAlone() throws KeyValueText.Malformed {
        assertThat(decode("az09-=1\n").present("az09-")).isEqualTo("1");
        for (String neighbour : List.of("`", "{", "/", ":", ",", ".", "A", "_", " ")) {
            assertMalformed(() -> decode(neighbour + "=1\n"), "the record has a line that is not key=value");
        }
    }

    @Property
    void saysOfAnyBytesThatTheyAreMalformedOrReadsThem(@ForAll byte[] content) {
        try {
            assertThat(KeyValueText.decode(content, "the record").optional("format"))
                    .isNotNull();
        } catch (KeyValueText.Malformed malformed) {
            assertThat(malformed.reason()).startsWith("the record");
        }
    }

    private static KeyValueText decode(String content) throws KeyValueText.Malformed {
        return KeyValueText.decode(content.getBytes(UTF_8), "the record");
    }

    private static void assertMalformed(ThrowingCallable reading, String reason) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(
                        KeyValueText.Malformed.class,
                        malformed -> assertThat(malformed.reason()).isEqualTo(reason));
    }
}
