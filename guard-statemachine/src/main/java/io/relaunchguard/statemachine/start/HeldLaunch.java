package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A launch that was HELD, and what a user can do about it. Thread-safe. */
public interface HeldLaunch {

    /** Returns CEF's root cache path. */
    Path profile();

    /** Returns the report: what the launch saw and did. */
    LaunchReport report();

    /** Returns the result of handing this start to the running instance; empty if that was not tried yet. */
    Optional<HandOver> handedOver();

    /** Hands this start to the running instance, which then comes to the front. Waits for its answer. */
    HandOver handOver();

    /**
     * Returns the holder, if the application may ask a user whether to end it. That holder is a process of this user
     * that was identified and pinned. The only obstacle is that it has not consented. It was proven silent: it has read
     * this start, and neither answered nor did anything, or it is stopped. If no process could be asked, that proves
     * nothing.
     */
    Optional<ProcessIdentity> endable();

    /**
     * Writes the user's consent for that very process. Only the next launch acts on it, and by every rule: see
     * {@link HeldHandler.Decision#TRY_AGAIN}.
     *
     * @throws IllegalStateException if it is not {@linkplain #endable() to be asked about}
     * @throws io.relaunchguard.statemachine.ConsentRefusedException if the PID belongs to another process by now;
     *     nothing was written
     * @throws IOException if the marker cannot be written; nothing is left behind
     */
    void consentToEnd(ProcessIdentity holder) throws IOException;
}
