package io.relaunchguard.core.consent;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The marker as a file: UTF-8, one {@code key=value} a line, in any order. Keys it does not know are passed over; a key
 * that is missing, doubled or malformed makes the whole marker invalid.
 */
public final class MarkerCodec {

    /** The longest marker that is read, in bytes. */
    public static final int MAX_BYTES = 8192;

    private static final String FORMAT = "1";
    private static final int MAX_DIGITS = 18;
    private static final int MAX_TOKEN = 256;

    private MarkerCodec() {}

    /**
     * The marker's file content.
     *
     * @throws IllegalArgumentException if a value cannot be written, because it has a control character, is empty where it
     *     must not be, or is too long; what this returns, {@link #decode} reads as the same marker
     */
    public static byte[] encode(ConsentMarker marker) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("pid", Long.toString(marker.pid()));
        fields.put("start", marker.start());
        fields.put("boot", marker.bootId());
        fields.put("host", marker.host());
        fields.put("machine", marker.machineId());
        fields.put("pid-namespace", marker.pidNamespace());
        fields.put("user", marker.user());
        fields.put("profile", marker.profile());
        fields.put("executable", marker.executable());
        fields.put("from", marker.fromVersion());
        fields.put("to", marker.toVersion());
        fields.put("nonce", marker.nonce());
        fields.put("written", Long.toString(marker.written().toMillis()));
        fields.put("written-at", marker.writtenAt().toString());
        fields.put("deadline", Long.toString(marker.deadline().toMillis()));
        StringBuilder text = new StringBuilder();
        fields.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
        MarkerReading readBack = decode(content);
        if (!readBack.equals(new MarkerReading.Valid(marker))) {
            throw new IllegalArgumentException("this marker cannot be written: "
                    + (readBack instanceof MarkerReading.Invalid invalid
                            ? invalid.reason()
                            : "a value has characters that UTF-8 cannot hold"));
        }
        return content;
    }

    /** Reads a marker's file content: {@link MarkerReading.Valid} or {@link MarkerReading.Invalid}. Never throws. */
    public static MarkerReading decode(byte[] content) {
        if (content.length > MAX_BYTES) {
            return new MarkerReading.Invalid("the marker is longer than %d bytes".formatted(MAX_BYTES));
        }
        try {
            return new MarkerReading.Valid(new Fields(text(content)).marker());
        } catch (MalformedMarker malformed) {
            return new MarkerReading.Invalid(malformed.reason);
        }
    }

    private static String text(byte[] content) throws MalformedMarker {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedMarker("the marker is not UTF-8 text");
        }
    }

    private static final class Fields {

        private final Map<String, String> values = new LinkedHashMap<>();

        Fields(String text) throws MalformedMarker {
            if (!text.endsWith("\n")) {
                throw new MalformedMarker("the marker is torn: its last line has no end");
            }
            String body = text.replace("\r\n", "\n");
            for (String line : body.substring(0, body.length() - 1).split("\n", -1)) {
                int equals = line.indexOf('=');
                if (equals <= 0) {
                    throw new MalformedMarker("the marker has a line that is not key=value");
                }
                String key = line.substring(0, equals);
                String value = line.substring(equals + 1);
                if (value.chars().anyMatch(Character::isISOControl)) {
                    throw new MalformedMarker("the marker's \"%s\" has a control character".formatted(key));
                }
                if (values.put(key, value) != null) {
                    throw new MalformedMarker("the marker has \"%s\" twice".formatted(key));
                }
            }
        }

        ConsentMarker marker() throws MalformedMarker {
            String format = token("format");
            if (!format.equals(FORMAT)) {
                throw new MalformedMarker("the marker's format is \"%s\"; this version reads format %s"
                        .formatted(format, FORMAT));
            }
            return new ConsentMarker(
                    number("pid"),
                    token("start"),
                    token("boot"),
                    token("host"),
                    present("machine"),
                    token("pid-namespace"),
                    token("user"),
                    token("profile"),
                    optional("executable"),
                    optional("from"),
                    optional("to"),
                    token("nonce"),
                    Duration.ofMillis(number("written")),
                    instant("written-at"),
                    Duration.ofMillis(number("deadline")));
        }

        private String optional(String key) {
            return values.getOrDefault(key, "");
        }

        private String present(String key) throws MalformedMarker {
            String value = values.get(key);
            if (value == null) {
                throw new MalformedMarker("the marker has no \"%s\"".formatted(key));
            }
            return value;
        }

        private String token(String key) throws MalformedMarker {
            String value = present(key);
            if (value.isBlank() || value.length() > MAX_TOKEN) {
                throw new MalformedMarker("the marker's \"%s\" is empty or too long".formatted(key));
            }
            return value;
        }

        private long number(String key) throws MalformedMarker {
            String value = token(key);
            if (value.length() > MAX_DIGITS || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new MalformedMarker("the marker's \"%s\" is not a number in range".formatted(key));
            }
            return Long.parseLong(value);
        }

        private Instant instant(String key) throws MalformedMarker {
            try {
                return Instant.parse(token(key));
            } catch (DateTimeException notATime) {
                throw new MalformedMarker("the marker's \"%s\" is not an ISO-8601 instant".formatted(key));
            }
        }
    }

    private static final class MalformedMarker extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        MalformedMarker(String reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
