package io.relaunchguard.core.consent;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** A whole and sensible marker, one field each to deviate in. */
public final class MarkerFields {

    public long pid = 4711;
    public String start = "8812345";
    public String bootId = "0b1c5a9e-5f8d-4a58-9d5e-1f2a3b4c5d6e";
    public String host = "desk-7";
    public String machineId = "7d4e1c0a9b8f4e21a6c5d3b2a1f0e9d8";
    public String pidNamespace = "pid:[4026531836]";
    public String user = "1000";
    public String profile = "64769:1310722";
    public String executable = "/opt/app/app";
    public String fromVersion = "1.4.0";
    public String toVersion = "1.5.0";
    public String nonce = "c0ffee42";
    public Duration written = Duration.ofDays(1);
    public Instant writtenAt = Instant.parse("2026-03-01T08:15:30.250Z");
    public Duration deadline = Duration.ofSeconds(86_430);

    /** The marker with some fields changed. */
    public static ConsentMarker markerBut(Consumer<MarkerFields> change) {
        MarkerFields fields = new MarkerFields();
        change.accept(fields);
        return fields.build();
    }

    public ConsentMarker build() {
        return new ConsentMarker(
                pid,
                start,
                bootId,
                host,
                machineId,
                pidNamespace,
                user,
                profile,
                executable,
                fromVersion,
                toVersion,
                nonce,
                written,
                writtenAt,
                deadline);
    }
}
