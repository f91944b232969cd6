package io.relaunchguard.core;

import java.util.Locale;

/**
 * Text made safe for a terminal or a log. It may contain names that others chose, such as paths, whose control
 * characters could end a line or control the terminal. Do not use it for data such as JSON, which keeps these
 * characters.
 */
public final class PrintableText {

    private PrintableText() {}

    /**
     * Returns the text with each control character, invisible format character (such as those that reverse the
     * direction) and line or paragraph separator as {@code \\uXXXX}.
     */
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
