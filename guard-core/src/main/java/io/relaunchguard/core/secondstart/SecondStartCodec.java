package io.relaunchguard.core.secondstart;

import io.relaunchguard.core.secondstart.Texts.Malformed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Converts a second start to and from bytes. Numbers have four bytes, big-endian; a text is its length in bytes
 * followed by that many bytes of UTF-8.
 *
 * <p>Format 2: {@code RGS2}, the length of the rest, and fields: their number, then for each its name, the number of
 * its values, and the values. Readers ignore fields that they do not know, so that later versions can add some.
 *
 * <p>Format 1: {@code RGS1}, the length of the rest, the working directory, the number of arguments and each argument.
 * Versions that know only this format refuse format 2 with one byte.
 */
public final class SecondStartCodec {

    /** The maximum length to send or read, in bytes. */
    public static final int MAX_BYTES = 128 * 1024;

    /** The maximum length of format 1, in bytes. */
    public static final int MAX_BYTES_1 = 64 * 1024;

    private static final int FORMAT_1 = 0x52475331;
    private static final int FORMAT_2 = 0x52475332;
    private static final int HEADER = 2 * Integer.BYTES;
    private static final String DATA = "data.";

    private SecondStartCodec() {}

    /** What the bytes received so far are. */
    public sealed interface Decoding {

        /** An incomplete second start: more bytes must arrive. */
        record Partial() implements Decoding {}

        /**
         * A complete second start, and nothing after it.
         *
         * @param format the format that the sender understands, 1 or 2
         */
        record Whole(SecondStart start, int format) implements Decoding {}

        /** Bytes that cannot become a second start, whatever follows. */
        record Malformed(String reason, int format) implements Decoding {}
    }

    /** Encodes a second start; empty if it would be too long. */
    public static Optional<byte[]> encode(SecondStart start) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("directory", List.of(start.workingDirectory()));
        fields.put("arguments", start.arguments());
        put(fields, "display", start.desktop().display());
        put(fields, "wayland-display", start.desktop().waylandDisplay());
        put(fields, "session", start.desktop().session());
        put(fields, "startup-id", start.desktop().startupId());
        put(fields, "activation-token", start.desktop().activationToken());
        start.data().forEach((name, value) -> fields.put(DATA + name, List.of(value)));
        return within(MAX_BYTES, Texts.message(FORMAT_2, Texts.content(fields)));
    }

    /** Encodes a second start in format 1, which has no place for desktop and data; empty if it would be too long. */
    public static Optional<byte[]> encode1(SecondStart start) {
        List<Object> content = new ArrayList<>();
        content.add(start.workingDirectory());
        content.add(start.arguments().size());
        content.addAll(start.arguments());
        return within(MAX_BYTES_1, Texts.message(FORMAT_1, content));
    }

    /** Decodes the bytes received so far. Never throws, whatever the bytes. */
    public static Decoding decode(byte[] received) {
        ByteBuffer bytes = ByteBuffer.wrap(received);
        if (bytes.remaining() < HEADER) {
            return new Decoding.Partial();
        }
        int word = bytes.getInt();
        int format = word == FORMAT_2 ? 2 : 1;
        if (word != FORMAT_1 && word != FORMAT_2) {
            return new Decoding.Malformed("it is no second start", format);
        }
        int length = bytes.getInt();
        if (length < 0 || length > (format == 2 ? MAX_BYTES : MAX_BYTES_1) - HEADER) {
            return new Decoding.Malformed("it is too long", format);
        }
        if (bytes.remaining() < length) {
            return new Decoding.Partial();
        }
        if (bytes.remaining() > length) {
            return new Decoding.Malformed("something follows it", format);
        }
        try {
            return new Decoding.Whole(format == 2 ? whole(Texts.fields(bytes)) : whole1(bytes), format);
        } catch (Malformed e) {
            return new Decoding.Malformed(e.reason(), format);
        }
    }

    private static SecondStart whole1(ByteBuffer bytes) throws Malformed {
        String directory = Texts.text(bytes);
        SecondStart start = new SecondStart(Texts.texts(bytes), directory);
        Texts.requireEnd(bytes);
        return start;
    }

    private static SecondStart whole(Map<String, List<String>> fields) throws Malformed {
        List<String> arguments = fields.get("arguments");
        if (arguments == null) {
            throw new Malformed("it has no arguments");
        }
        Map<String, String> data = new LinkedHashMap<>();
        for (String name : fields.keySet()) {
            if (name.startsWith(DATA)) {
                data.put(name.substring(DATA.length()), one(fields, name).orElse(""));
            }
        }
        Desktop desktop = new Desktop(
                one(fields, "display"),
                one(fields, "wayland-display"),
                one(fields, "session"),
                one(fields, "startup-id"),
                one(fields, "activation-token"));
        String directory = one(fields, "directory").orElseThrow(() -> new Malformed("it has no directory"));
        return new SecondStart(arguments, directory, desktop, data);
    }

    private static void put(Map<String, List<String>> fields, String name, Optional<String> value) {
        value.ifPresent(text -> fields.put(name, List.of(text)));
    }

    private static Optional<String> one(Map<String, List<String>> fields, String name) {
        return fields.getOrDefault(name, List.of()).stream().findFirst();
    }

    private static Optional<byte[]> within(int limit, byte[] bytes) {
        return Optional.of(bytes).filter(whole -> whole.length <= limit);
    }
}
