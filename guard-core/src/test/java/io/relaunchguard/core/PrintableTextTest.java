package io.relaunchguard.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H66")
class PrintableTextTest {

    @Test
    void whatCanBePrintedIsAsItWas() {
        assertThat(PrintableText.of("/home/j\u00fcrgen/\u732b \ud83d\udc08 (deleted)"))
                .isEqualTo("/home/j\u00fcrgen/\u732b \ud83d\udc08 (deleted)");
    }

    @Test
    void whatEndsALineSteersATerminalOrReversesTheTextIsEscaped() {
        assertThat(PrintableText.of("a\nb\rc\u001b[2Jd\u009be\u0085f\u2028g\u202eh\0i"))
                .isEqualTo("a\\u000ab\\u000dc\\u001b[2Jd\\u009be\\u0085f\\u2028g\\u202eh\\u0000i");
    }
}
