package io.relaunchguard.core.secondstart;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A second start as bytes: {@code RGS1}, the length of the rest, the working directory, the number of arguments and each of
 * them. Numbers have four bytes, the highest first; a text is its length in bytes and that many of UTF-8.
 */
public final class SecondStartCodec {

    /** The longest that is sent or read, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int MAGIC = 0x52475331;
    private static final int HEADER = 2 * Integer.BYTES;

    private SecondStartCodec() {}

    /** What bytes that were received so far are. */
    public sealed interface Decoding {

        /** More must come. */
        record Partial() implements Decoding {}

        /** A whole one, and nothing after it. */
        record Whole(SecondStart start) implements Decoding {}

        /** Not one, whatever comes. */
        record Malformed(String reason) implements Decoding {}
    }

    /** The bytes of a second start; empty if they would be too many. */
    public static Optional<byte[]> encode(SecondStart start) {
        List<byte[]> texts = new ArrayList<>();
        texts.add(start.workingDirectory().getBytes(StandardCharsets.UTF_8));
        start.arguments().forEach(argument -> texts.add(argument.getBytes(StandardCharsets.UTF_8)));
        long length = HEADER
                + Integer.BYTES
                + texts.stream()
                        .mapToLong(text -> Integer.BYTES + (long) text.length)
                        .sum();
        if (length > MAX_BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length).putInt(MAGIC).putInt((int) length - HEADER);
        put(bytes, texts.get(0));
        bytes.putInt(texts.size() - 1);
        texts.stream().skip(1).forEach(text -> put(bytes, text));
        return Optional.of(bytes.array());
    }

    /** Reads what was received so far. Never throws, whatever it is. */
    public static Decoding decode(byte[] received) {
        ByteBuffer bytes = ByteBuffer.wrap(received);
        try {
            if (bytes.remaining() < HEADER) {
                return new Decoding.Partial();
            }
            if (bytes.getInt() != MAGIC) {
                return new Decoding.Malformed("it is no second start");
            }
            int length = bytes.getInt();
            if (length < 0 || length > MAX_BYTES - HEADER) {
                return new Decoding.Malformed("it is too long");
            }
            if (bytes.remaining() < length) {
                return new Decoding.Partial();
            }
            if (bytes.remaining() > length) {
                return new Decoding.Malformed("something follows it");
            }
            return new Decoding.Whole(whole(bytes));
        } catch (Malformed e) {
            return new Decoding.Malformed(e.reason);
        }
    }

    private static SecondStart whole(ByteBuffer bytes) throws Malformed {
        String directory = text(bytes);
        int count = number(bytes);
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            arguments.add(text(bytes));
        }
        if (bytes.hasRemaining()) {
            throw misfit();
        }
        return new SecondStart(arguments, directory);
    }

    private static void put(ByteBuffer bytes, byte[] text) {
        bytes.putInt(text.length).put(text);
    }

    private static String text(ByteBuffer bytes) throws Malformed {
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

    private static int number(ByteBuffer bytes) throws Malformed {
        int number = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
        if (number < 0) {
            throw misfit();
        }
        return number;
    }

    private static Malformed misfit() {
        return new Malformed("its lengths do not fit");
    }

    private static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        Malformed(String reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
