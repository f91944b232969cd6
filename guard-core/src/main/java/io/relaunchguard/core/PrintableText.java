package io.relaunchguard.core;

import java.util.Locale;

/**
 * Text for a terminal or a log that has names in it which somebody else has chosen, such as a path: control characters would end
 * its line, or steer the terminal. Data, such as JSON, keeps them.
 */
public final class PrintableText {

    private PrintableText() {}

    /** The text with each control character, and each that reverses what a reader sees, as {@code \\uXXXX}. */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || isLineEnd(c)) {
                shown.append("\\u").append(String.format(Locale.ROOT, "%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private static boolean isLineEnd(int c) {
        return Character.getType(c) == Character.LINE_SEPARATOR
                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
    }
}
