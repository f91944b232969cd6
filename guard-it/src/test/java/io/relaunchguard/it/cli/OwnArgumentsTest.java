package io.relaunchguard.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Arguments that Java has changed as it decoded them are found by what the kernel has. */
@Tag("H66")
class OwnArgumentsTest {

    private static final String LATIN_1_UMLAUT = "gr\u00fcn";

    @Test
    void whatWasDecodedWholeIsAsItWas() {
        assertThat(changed(StandardCharsets.UTF_8, bytes("grün", StandardCharsets.UTF_8), "grün"))
                .isEmpty();
        assertThat(changed(StandardCharsets.US_ASCII, bytes("why?", StandardCharsets.US_ASCII), "why?"))
                .isEmpty();
        assertThat(changed(StandardCharsets.UTF_8, bytes("\ufffd", StandardCharsets.UTF_8), "\ufffd"))
                .as("it was typed so")
                .isEmpty();
    }

    @Test
    void aJvmWithoutALocaleHasQuestionMarksInPlaceOfCharacters() {
        assertThat(changed(StandardCharsets.US_ASCII, bytes("grün", StandardCharsets.UTF_8), "gr??n"))
                .hasValueSatisfying(text -> assertThat(text).contains("\"gr??n\"", "US-ASCII", "LC_ALL=C.UTF-8"));
    }

    @Test
    void whatIsNoTextInThisEncodingIsFound() {
        assertThat(changed(StandardCharsets.UTF_8, bytes(LATIN_1_UMLAUT, StandardCharsets.ISO_8859_1), "gr\ufffdn"))
                .isPresent();
    }

    @Test
    void anArgumentThatLooksLikeAChangedOneIsNotTakenForIt() {
        assertThat(changed(StandardCharsets.US_ASCII, bytes("grün", StandardCharsets.UTF_8), "other", "gr?n"))
                .isEmpty();
    }

    private static Optional<String> changed(Charset encoding, byte[] raw, String... arguments) {
        byte[] commandLine = new byte[raw.length + "java\0".length() + 1];
        System.arraycopy(bytes("java\0", StandardCharsets.US_ASCII), 0, commandLine, 0, "java\0".length());
        System.arraycopy(raw, 0, commandLine, "java\0".length(), raw.length);
        return OwnArguments.changed(arguments, commandLine, encoding);
    }

    private static byte[] bytes(String text, Charset encoding) {
        return text.getBytes(encoding);
    }
}
