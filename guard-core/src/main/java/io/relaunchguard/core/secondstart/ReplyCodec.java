package io.relaunchguard.core.secondstart;

import io.relaunchguard.core.secondstart.Texts.Malformed;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Converts replies to a second start to and from bytes. Several replies follow one another.
 *
 * <p>To a start of format 2: {@code GSA2}, the length of the rest, and fields as in {@link SecondStartCodec}. Readers
 * ignore answers and fields that they do not know.
 *
 * <p>To a start of format 1: one byte each, {@code R} for received, then {@code A} for accepted or {@code N} for
 * refused. There are no bytes for the other answers: an instance sends nothing while the application starts, and
 * refuses if it is closing or on another display.
 */
public final class ReplyCodec {

    /** The maximum length to send or read, in bytes. */
    public static final int MAX_BYTES = 16 * 1024;

    private static final int FORMAT_2 = 0x47534132;
    private static final int HEADER = 2 * Integer.BYTES;
    private static final String DATA = "data.";

    private ReplyCodec() {}

    /** What the bytes received so far begin with. */
    public sealed interface Decoding {

        /** An incomplete reply: more bytes must arrive. */
        record Partial() implements Decoding {}

        /** A complete reply of this length. */
        record Whole(Reply reply, int length) implements Decoding {}

        /** A complete reply of this length that only a later version understands. */
        record Unheard(int length) implements Decoding {}

        /** A reply of an instance that knows only format 1 and refuses the other. */
        record Old() implements Decoding {}

        /** Bytes that cannot become a reply, whatever follows. */
        record Malformed(String reason) implements Decoding {}
    }

    /** Encodes a reply to a start of format 2. Omits what would make it too long. */
    public static byte[] encode(Reply reply) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("answer", List.of(reply.answer().name()));
        byte[] bare = bytes(fields);
        fields.put("text", List.of(reply.text().replace('\0', ' ')));
        byte[] said = bytes(fields);
        reply.data().forEach((name, value) -> fields.put(DATA + name, List.of(value)));
        byte[] whole = bytes(fields);
        if (whole.length <= MAX_BYTES) {
            return whole;
        }
        return said.length <= MAX_BYTES ? said : bare;
    }

    /** Encodes an answer to a start of format 1; empty if that format has no byte for it. */
    public static Optional<Byte> encode1(Answer answer) {
        return switch (answer) {
            case RECEIVED -> Optional.of((byte) 'R');
            case ACCEPTED -> Optional.of((byte) 'A');
            case REFUSED, ELSEWHERE, CLOSING -> Optional.of((byte) 'N');
            case STARTING -> Optional.empty();
        };
    }

    /** Decodes a reply to a start of format 1: one byte. */
    public static Decoding decode1(byte received) {
        return switch (received) {
            case 'R' -> new Decoding.Whole(Reply.of(Answer.RECEIVED), 1);
            case 'A' -> new Decoding.Whole(Reply.of(Answer.ACCEPTED), 1);
            case 'N' -> new Decoding.Whole(Reply.of(Answer.REFUSED), 1);
            default -> new Decoding.Malformed("it is no answer");
        };
    }

    /**
     * Decodes the first reply in the bytes received so far for a start of format 2. Never throws, whatever the bytes.
     */
    public static Decoding decode(byte[] received) {
        ByteBuffer bytes = ByteBuffer.wrap(received);
        if (received.length > 0 && received[0] == 'N') {
            return new Decoding.Old();
        }
        if (bytes.remaining() < HEADER) {
            return new Decoding.Partial();
        }
        if (bytes.getInt() != FORMAT_2) {
            return new Decoding.Malformed("it is no answer");
        }
        int length = bytes.getInt();
        if (length < 0 || length > MAX_BYTES - HEADER) {
            return new Decoding.Malformed("it is too long");
        }
        if (bytes.remaining() < length) {
            return new Decoding.Partial();
        }
        try {
            return whole(Texts.fields(bytes.limit(HEADER + length)), HEADER + length);
        } catch (Malformed e) {
            return new Decoding.Malformed(e.reason());
        }
    }

    private static Decoding whole(Map<String, List<String>> fields, int length) {
        Optional<Answer> answer = one(fields, "answer").flatMap(Answer::named);
        if (answer.isEmpty()) {
            return new Decoding.Unheard(length);
        }
        Map<String, String> data = new LinkedHashMap<>();
        fields.keySet().stream()
                .filter(name -> name.startsWith(DATA))
                .forEach(name -> data.put(
                        name.substring(DATA.length()), one(fields, name).orElse("")));
        return new Decoding.Whole(new Reply(answer.get(), one(fields, "text").orElse(""), data), length);
    }

    private static byte[] bytes(Map<String, List<String>> fields) {
        return Texts.message(FORMAT_2, Texts.content(fields));
    }

    private static Optional<String> one(Map<String, List<String>> fields, String name) {
        return fields.getOrDefault(name, List.of()).stream().findFirst();
    }
}
