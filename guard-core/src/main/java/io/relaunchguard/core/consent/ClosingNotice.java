package io.relaunchguard.core.consent;

import io.relaunchguard.core.KeyValueText;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The announcement of a process that it is closing normally. It makes a launch wait within the launch's own timeouts
 * and does nothing else: it is no consent and proves nothing. {@code docs/marker.md} describes the file.
 *
 * @param pid the PID of the process in its own PID namespace
 * @param start the raw start token of the process, see {@link ProcessIdentity#start()}
 * @param bootId the ID of the boot that the process runs in
 * @param until when the process expects to have ended, as time since boot
 */
public record ClosingNotice(long pid, String start, String bootId, Duration until) {

    private static final String FORMAT = "1";

    /** Truncates the time to milliseconds, the resolution of the file. */
    public ClosingNotice {
        until = until.truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * Returns how much longer the process may take by its own announcement; zero if the notice is from another process
     * or its time is over.
     *
     * @param process the process as it is observed now
     * @param boot the ID of the current boot
     * @param sinceBoot the current time since boot
     */
    public Duration left(ProcessIdentity process, Observation<String> boot, Duration sinceBoot) {
        Duration left = until.minus(sinceBoot);
        boolean isMeant = process.pid() == pid && process.start().equals(start) && boot.is(bootId);
        return isMeant && !left.isNegative() ? left : Duration.ZERO;
    }

    /** Returns the content of the notice's file. */
    public byte[] encode() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("pid", Long.toString(pid));
        fields.put("start", start);
        fields.put("boot", bootId);
        fields.put("until", Long.toString(until.toMillis()));
        return KeyValueText.encode(fields);
    }

    /** Reads the content of a notice's file; {@link Observation.Unknown} if it is malformed. */
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
