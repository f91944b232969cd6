package io.relaunchguard.platform;

import io.relaunchguard.core.consent.ConsentMarker;
import java.time.Duration;
import java.time.Instant;

/** Consent markers for tests. */
public final class Markers {

    private Markers() {}

    /** A whole marker, told from others by its nonce. */
    public static ConsentMarker marker(String nonce) {
        return new ConsentMarker(
                4711,
                "8812345",
                "0b1c5a9e-5f8d-4a58-9d5e-1f2a3b4c5d6e",
                "desk-7",
                "7d4e1c0a9b8f4e21a6c5d3b2a1f0e9d8",
                "pid:[4026531836]",
                "1000",
                "64769:1310722",
                "/opt/app/app",
                "1.4.0",
                "1.5.0",
                nonce,
                Duration.ofDays(1),
                Instant.parse("2026-03-01T08:15:30.250Z"),
                Duration.ofSeconds(86_430));
    }
}
