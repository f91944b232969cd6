package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;

/** How a launch ended: with a permit, or without. */
public sealed interface LaunchResult {

    /** What the launch saw and did. */
    LaunchReport report();

    /**
     * The permit.
     *
     * @throws LaunchHeldException if the launch was HELD
     * @throws LaunchFailedException if it FAILED
     */
    default LaunchPermit permitOrThrow() {
        if (this instanceof Permitted permitted) {
            return permitted.permit();
        }
        throw LaunchRefusedException.of(((Refused) this).profile(), report());
    }

    /** READY: CEF may be initialised by whoever has the permit. */
    record Permitted(LaunchPermit permit) implements LaunchResult {

        @Override
        public LaunchReport report() {
            return permit.report();
        }
    }

    /**
     * HELD or FAILED: CEF must not be initialised.
     *
     * @param profile CEF's root cache path
     */
    record Refused(Path profile, LaunchReport report) implements LaunchResult {}
}
