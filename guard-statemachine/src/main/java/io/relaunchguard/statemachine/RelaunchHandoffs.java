package io.relaunchguard.statemachine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/** Begins the handoffs of an application on the profile of its launch. Thread-safe. */
public final class RelaunchHandoffs {

    private final Supplier<Path> profile;
    private final Duration deadline;

    /**
     * Looks at nothing yet.
     *
     * @param profile gives CEF's root cache path when a handoff begins
     * @param deadline how long this process may take to end by itself
     */
    public RelaunchHandoffs(Supplier<Path> profile, Duration deadline) {
        this.profile = profile;
        this.deadline = deadline;
    }

    /**
     * Consents to the end of this process and arms its watchdog, see {@link RelaunchHandoff#begin}.
     *
     * @param fromVersion the version that goes; may be empty
     * @param toVersion the version that comes; may be empty
     * @throws ConsentRefusedException if this process cannot be identified beyond doubt; nothing was written
     * @throws IOException if the marker cannot be written; nothing is left behind
     * @throws IllegalStateException if nothing was launched in this process
     */
    public RelaunchHandoff begin(String fromVersion, String toVersion) throws IOException {
        return RelaunchHandoff.begin(profile.get(), fromVersion, toVersion, deadline);
    }

    /** How long this process may take to end by itself once a handoff has begun. */
    public Duration deadline() {
        return deadline;
    }
}
