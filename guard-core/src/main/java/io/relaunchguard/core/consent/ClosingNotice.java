package io.relaunchguard.core.consent;

import io.relaunchguard.core.KeyValueText;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a process says of itself when it begins to close in good order. It lets a launch wait, within the launch's own bounds,
 * and nothing else: it is no consent, and proves nothing. {@code docs/marker.md} describes the file.
 *
 * @param pid the process, in its own pid namespace
 * @param start its raw start token, see {@link ProcessIdentity#start()}
 * @param bootId the boot it runs in
 * @param until when it means to have ended, as time since boot
 */
public record ClosingNotice(long pid, String start, String bootId, Duration until) {

    private static final String FORMAT = "1";

    /** Times are kept in milliseconds, as the file has them. */
    public ClosingNotice {
        until = until.truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * How much longer that very process may take by its own word; zero if the notice is another's, or its time is over.
     *
     * @param process the process as it is seen now
     * @param boot the boot that this is
     * @param sinceBoot the time now
     */
    public Duration left(ProcessIdentity process, Observation<String> boot, Duration sinceBoot) {
        Duration left = until.minus(sinceBoot);
        boolean isMeant = process.pid() == pid && process.start().equals(start) && boot.is(bootId);
        return isMeant && !left.isNegative() ? left : Duration.ZERO;
    }

    /** The notice's file content. */
    public byte[] encode() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("pid", Long.toString(pid));
        fields.put("start", start);
        fields.put("boot", bootId);
        fields.put("until", Long.toString(until.toMillis()));
        return KeyValueText.encode(fields);
    }

    /** Reads a notice's file content; unknown if it is malformed. */
    public static Observation<ClosingNotice> decode(byte[] content) {
        try {
            KeyValueText text = KeyValueText.decode(content, "the closing notice");
            text.requireFormat(FORMAT);
            return Observation.seen(new ClosingNotice(
                    text.number("pid"),
                    text.token("start"),
                    text.token("boot"),
                    Duration.ofMillis(text.number("until"))));
        } catch (KeyValueText.Malformed malformed) {
            return Observation.unknown(malformed.reason());
        }
    }
}
