package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A launch that was HELD, and what a person can do about it. Thread-safe. */
public interface HeldLaunch {

    /** CEF's root cache path. */
    Path profile();

    /** What the launch saw and did. */
    LaunchReport report();

    /** What came of handing this start to the running instance; empty if that was not tried yet. */
    Optional<HandOver> handedOver();

    /** Hands this start to the running instance, which then comes to the front. Waits for its answer. */
    HandOver handOver();

    /**
     * The holder, if a person may be asked whether it is to be ended: a process of this user that was identified and pinned,
     * in whose way nothing stands but that it has not consented, and that was proven silent: it has read this start, and neither
     * answered nor did anything, or it is stopped. That nobody could be asked proves nothing.
     */
    Optional<ProcessIdentity> endable();

    /**
     * Writes the consent of the person for that very process. Only the next launch acts on it, and by every rule: see
     * {@link LaunchHeldHandler.Decision#TRY_AGAIN}.
     *
     * @throws IllegalStateException if it is not {@linkplain #endable() to be asked about}
     * @throws io.relaunchguard.statemachine.ConsentRefusedException if it is another process by now; nothing was written
     * @throws IOException if the marker cannot be written; nothing is left behind
     */
    void consentToEnd(ProcessIdentity holder) throws IOException;
}
