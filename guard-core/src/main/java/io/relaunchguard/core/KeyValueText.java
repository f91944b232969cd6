package io.relaunchguard.core;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The small files of the guard: UTF-8, one {@code key=value} a line, each line ended; keys are of lower-case letters,
 * digits and hyphens. Keys nobody asks for are passed over;
 * a key that is doubled, or asked for and missing or malformed, makes the whole text malformed.
 */
public final class KeyValueText {

    /** The longest text that is read, in bytes. */
    public static final int MAX_BYTES = 8192;

    private static final int MAX_DIGITS = 18;
    private static final int MAX_TOKEN = 256;

    private final String subject;
    private final Map<String, String> values = new LinkedHashMap<>();

    private KeyValueText(String subject) {
        this.subject = subject;
    }

    /** The text of these fields, in their order. */
    public static byte[] encode(Map<String, String> fields) {
        StringBuilder text = new StringBuilder();
        fields.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a text.
     *
     * @param subject what it is, for messages, such as "the marker"
     */
    public static KeyValueText decode(byte[] content, String subject) throws Malformed {
        KeyValueText fields = new KeyValueText(subject);
        fields.read(content);
        return fields;
    }

    /** A value that must be there, but may be empty. */
    public String present(String key) throws Malformed {
        String value = values.get(key);
        if (value == null) {
            throw malformed("has no \"%s\"".formatted(key));
        }
        return value;
    }

    /** A value that may be missing. */
    public String optional(String key) {
        return values.getOrDefault(key, "");
    }

    /** A value that must be there and not blank. */
    public String token(String key) throws Malformed {
        String value = present(key);
        if (value.isBlank() || value.length() > MAX_TOKEN) {
            throw malformedValue(key, "is empty or too long");
        }
        return value;
    }

    /** A decimal number without a sign. */
    public long number(String key) throws Malformed {
        String value = token(key);
        if (value.length() > MAX_DIGITS || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformedValue(key, "is not a number in range");
        }
        return Long.parseLong(value);
    }

    /** An ISO-8601 instant. */
    public Instant instant(String key) throws Malformed {
        try {
            return Instant.parse(token(key));
        } catch (DateTimeException notATime) {
            throw malformedValue(key, "is not an ISO-8601 instant");
        }
    }

    /** Fails unless the text is of this format. */
    public void requireFormat(String format) throws Malformed {
        String found = token("format");
        if (!found.equals(format)) {
            throw new Malformed(
                    "%s's format is \"%s\"; this version reads format %s".formatted(subject, found, format));
        }
    }

    private void read(byte[] content) throws Malformed {
        if (content.length > MAX_BYTES) {
            throw malformed("is longer than %d bytes".formatted(MAX_BYTES));
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw malformed("is not UTF-8 text");
        }
        if (!text.endsWith("\n")) {
            throw malformed("is torn: its last line has no end");
        }
        String body = text.replace("\r\n", "\n");
        for (String line : body.substring(0, body.length() - 1).split("\n", -1)) {
            readLine(line);
        }
    }

    private void readLine(String line) throws Malformed {
        int equals = line.indexOf('=');
        if (equals <= 0 || !line.substring(0, equals).chars().allMatch(KeyValueText::isKeyCharacter)) {
            throw malformed("has a line that is not key=value");
        }
        String key = line.substring(0, equals);
        String value = line.substring(equals + 1);
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw malformedValue(key, "has a control character");
        }
        if (values.put(key, value) != null) {
            throw malformed("has \"%s\" twice".formatted(key));
        }
    }

    private static boolean isKeyCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }

    private Malformed malformedValue(String key, String what) {
        return new Malformed("%s's \"%s\" %s".formatted(subject, key, what));
    }

    private Malformed malformed(String what) {
        return new Malformed(subject + " " + what);
    }

    /** The text is not one that may be believed. */
    public static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        private Malformed(String reason) {
            super(reason);
            this.reason = reason;
        }

        /** A sentence for the user. */
        public String reason() {
            return reason;
        }
    }
}
