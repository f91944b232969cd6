package io.relaunchguard.core;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The text format of the guard's small files: UTF-8, one {@code key=value} per line, every line terminated. Keys
 * consist of lower-case letters, digits and hyphens. Keys that the reader does not request are ignored. A duplicate
 * key, or a requested key that is missing or malformed, makes the whole text malformed.
 */
public final class KeyValueText {

    /** The maximum length of a text to decode, in bytes. */
    public static final int MAX_BYTES = 8192;

    private static final int MAX_DIGITS = 18;
    private static final int MAX_TOKEN = 256;

    private final String subject;
    private final Map<String, String> values = new LinkedHashMap<>();

    private KeyValueText(String subject) {
        this.subject = subject;
    }

    /** Encodes these fields in their order. */
    public static byte[] encode(Map<String, String> fields) {
        StringBuilder text = new StringBuilder();
        fields.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Decodes a text.
     *
     * @param subject what the text is, for messages, such as "the marker"
     * @throws Malformed if the text is not in this format
     */
    public static KeyValueText decode(byte[] content, String subject) throws Malformed {
        KeyValueText fields = new KeyValueText(subject);
        fields.read(content);
        return fields;
    }

    /** Returns a value that must be present but may be empty. */
    public String present(String key) throws Malformed {
        String value = values.get(key);
        if (value == null) {
            throw malformed("has no \"%s\"".formatted(key));
        }
        return value;
    }

    /** Returns a value that may be absent; empty if it is. */
    public String optional(String key) {
        return values.getOrDefault(key, "");
    }

    /** Returns a value that must be present and not blank. */
    public String token(String key) throws Malformed {
        String value = present(key);
        if (value.isBlank() || value.length() > MAX_TOKEN) {
            throw malformedValue(key, "is empty or too long");
        }
        return value;
    }

    /** Returns a decimal number without a sign. */
    public long number(String key) throws Malformed {
        String value = token(key);
        if (value.length() > MAX_DIGITS || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformedValue(key, "is not a number in range");
        }
        return Long.parseLong(value);
    }

    /** Returns an ISO-8601 instant. */
    public Instant instant(String key) throws Malformed {
        try {
            return Instant.parse(token(key));
        } catch (DateTimeException notATime) {
            throw malformedValue(key, "is not an ISO-8601 instant");
        }
    }

    /**
     * Checks the format version.
     *
     * @throws Malformed unless the text has this version
     */
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

    /** Thrown for a text that must not be trusted. */
    public static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        private Malformed(String reason) {
            super(reason);
            this.reason = reason;
        }

        /** Returns the reason as a sentence for users. */
        public String reason() {
            return reason;
        }
    }
}
