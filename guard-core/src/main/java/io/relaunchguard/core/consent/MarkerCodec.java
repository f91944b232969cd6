package io.relaunchguard.core.consent;

import io.relaunchguard.core.KeyValueText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Converts the consent marker to and from the content of its file: UTF-8, one {@code key=value} per line, in any order.
 * Decoding ignores unknown keys; a missing, duplicate or malformed key makes the whole marker invalid.
 */
public final class MarkerCodec {

    private static final String FORMAT = "1";

    private MarkerCodec() {}

    /**
     * Returns the content of the marker's file. {@link #decode} reads it as the same marker.
     *
     * @throws IllegalArgumentException if a value cannot be written: it has a control character, is empty where it must
     *     not be, or is too long
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
        fields.put("written", milliseconds(marker.written()));
        fields.put("written-at", marker.writtenAt().toString());
        fields.put("deadline", milliseconds(marker.deadline()));
        byte[] content = KeyValueText.encode(fields);
        MarkerReading readBack = decode(content);
        if (!readBack.equals(new MarkerReading.Valid(marker))) {
            throw new IllegalArgumentException("this marker cannot be written: "
                    + (readBack instanceof MarkerReading.Invalid invalid
                            ? invalid.reason()
                            : "a value has characters that UTF-8 cannot hold"));
        }
        return content;
    }

    /**
     * Reads the content of a marker's file. Never throws.
     *
     * @return {@link MarkerReading.Valid} or {@link MarkerReading.Invalid}
     */
    public static MarkerReading decode(byte[] content) {
        try {
            return new MarkerReading.Valid(marker(KeyValueText.decode(content, "the marker")));
        } catch (KeyValueText.Malformed malformed) {
            return new MarkerReading.Invalid(malformed.reason());
        }
    }

    private static String milliseconds(Duration time) {
        try {
            return Long.toString(time.toMillis());
        } catch (ArithmeticException tooLong) {
            throw new IllegalArgumentException("this marker cannot be written: a time is out of range", tooLong);
        }
    }

    private static ConsentMarker marker(KeyValueText text) throws KeyValueText.Malformed {
        text.requireFormat(FORMAT);
        return new ConsentMarker(
                text.number("pid"),
                text.token("start"),
                text.token("boot"),
                text.token("host"),
                text.present("machine"),
                text.token("pid-namespace"),
                text.token("user"),
                text.token("profile"),
                text.optional("executable"),
                text.optional("from"),
                text.optional("to"),
                text.token("nonce"),
                Duration.ofMillis(text.number("written")),
                text.instant("written-at"),
                Duration.ofMillis(text.number("deadline")));
    }
}
