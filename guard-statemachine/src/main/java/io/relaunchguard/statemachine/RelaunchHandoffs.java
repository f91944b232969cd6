package io.relaunchguard.statemachine;

import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.successor.EnvironmentRules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The handoffs of an application on the profile of its launch. Thread-safe. */
public final class RelaunchHandoffs {

    private final Supplier<Path> profile;
    private final RelaunchHandoff.Settings settings;
    private volatile @Nullable RelaunchHandoff last;

    /**
     * Creates handoffs whose results no listener receives, see
     * {@link #RelaunchHandoffs(Supplier, Duration, Duration, EnvironmentRules, Consumer)}.
     */
    public RelaunchHandoffs(Supplier<Path> profile, Duration deadline) {
        this(profile, deadline, RelaunchHandoff.CLAIM_WAIT, EnvironmentRules.NONE, result -> {});
    }

    /**
     * Creates the handoffs, and reads nothing yet.
     *
     * @param profile gives CEF's root cache path when a handoff begins
     * @param deadline how long this process may take to end by itself
     * @param claimWait how long the successor may take to claim the consent
     * @param environment what the successor inherits besides, or does not inherit
     * @param listener receives the result of each handoff, on a thread of that handoff
     */
    public RelaunchHandoffs(
            Supplier<Path> profile,
            Duration deadline,
            Duration claimWait,
            EnvironmentRules environment,
            Consumer<HandoffResult> listener) {
        this.profile = profile;
        this.settings = new RelaunchHandoff.Settings(deadline, claimWait, environment, listener);
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
        return begun(fromVersion, toVersion, OutgoingHolder::find);
    }

    /**
     * Does the same where a browser holds the profile that this process has not started, see
     * {@link RelaunchHandoff#begin(Path, String, String, Duration, long)}.
     *
     * @param browser its PID
     * @throws ConsentRefusedException if it cannot be identified beyond doubt, or does not hold the profile; nothing
     *     was written
     * @throws IOException as above
     */
    public RelaunchHandoff begin(String fromVersion, String toVersion, long browser) throws IOException {
        return begun(fromVersion, toVersion, holder -> holder.named(browser));
    }

    private RelaunchHandoff begun(String fromVersion, String toVersion, Function<OutgoingHolder, ProcessIdentity> who)
            throws IOException {
        RelaunchHandoff begun = RelaunchHandoff.begin(profile.get(), fromVersion, toVersion, who, settings);
        begun.toldOfClosing();
        last = begun;
        return begun;
    }

    /**
     * Returns the handoff that began last, if it was neither withdrawn nor has failed. If you ask your user something
     * after {@link HandoffResult.Claimed}, close the application only if there still is one.
     */
    public Optional<RelaunchHandoff> inForce() {
        return Optional.ofNullable(last).filter(RelaunchHandoff::isInForce);
    }

    /**
     * Notes that the application begins to close. From here on this object does not withdraw the handoff that is in
     * force, whatever becomes of the successor. The context of a Spring Boot application calls this by itself.
     *
     * @return that handoff
     */
    public Optional<RelaunchHandoff> closing() {
        Optional<RelaunchHandoff> begun = inForce();
        begun.ifPresent(RelaunchHandoff::closing);
        return begun;
    }

    /** Returns how long this process may take to end by itself once a handoff has begun. */
    public Duration deadline() {
        return settings.deadline();
    }
}
