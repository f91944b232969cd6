package io.relaunchguard.core.secondstart;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The binary encoding of numbers and texts. A number has four bytes, big-endian; a text is its length in bytes followed
 * by that many bytes of UTF-8.
 */
final class Texts {

    private Texts() {}

    /** Thrown for bytes that do not follow the encoding. */
    static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        Malformed(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    /** Returns a message: a word of four letters, the length of the rest, and that many bytes of texts and numbers. */
    static byte[] message(int word, List<Object> content) {
        List<byte[]> parts = new ArrayList<>();
        for (Object one : content) {
            if (one instanceof Integer number) {
                parts.add(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
            } else {
                byte[] text = one.toString().getBytes(StandardCharsets.UTF_8);
                parts.add(ByteBuffer.allocate(Integer.BYTES + text.length)
                        .putInt(text.length)
                        .put(text)
                        .array());
            }
        }
        int length = parts.stream().mapToInt(part -> part.length).sum();
        ByteBuffer bytes =
                ByteBuffer.allocate(2 * Integer.BYTES + length).putInt(word).putInt(length);
        parts.forEach(bytes::put);
        return bytes.array();
    }

    /**
     * Returns fields as the content of a message: their number, then for each its name, the number of its values, and
     * the values.
     */
    static List<Object> content(Map<String, List<String>> fields) {
        List<Object> content = new ArrayList<>(List.of(fields.size()));
        fields.forEach((name, values) -> {
            content.add(name);
            content.add(values.size());
            content.addAll(values);
        });
        return content;
    }

    /**
     * Reads fields up to the end.
     *
     * @throws Malformed if the bytes do not follow the encoding
     */
    static Map<String, List<String>> fields(ByteBuffer bytes) throws Malformed {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        int count = number(bytes);
        for (int i = 0; i < count; i++) {
            String name = text(bytes);
            if (fields.put(name, texts(bytes)) != null) {
                throw new Malformed("it has a field twice");
            }
        }
        requireEnd(bytes);
        return fields;
    }

    static List<String> texts(ByteBuffer bytes) throws Malformed {
        int count = number(bytes);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(bytes));
        }
        return texts;
    }

    static String text(ByteBuffer bytes) throws Malformed {
        int length = number(bytes);
        if (length > bytes.remaining()) {
            throw misfit();
        }
        ByteBuffer encoded = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(encoded).toString();
            if (text.indexOf('\0') >= 0) {
                throw new Malformed("it has a text that no command line can have");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new Malformed("it has a text that is not UTF-8");
        }
    }

    static int number(ByteBuffer bytes) throws Malformed {
        int number = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
        if (number < 0) {
            throw misfit();
        }
        return number;
    }

    static void requireEnd(ByteBuffer bytes) throws Malformed {
        if (bytes.hasRemaining()) {
            throw misfit();
        }
    }

    private static Malformed misfit() {
        return new Malformed("its lengths do not fit");
    }
}
