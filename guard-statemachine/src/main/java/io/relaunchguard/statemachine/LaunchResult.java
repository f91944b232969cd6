package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.LaunchReport;
import java.nio.file.Path;

/** The result of a launch: with a permit, or without. */
public sealed interface LaunchResult {

    /** Returns the report: what the launch saw and did. */
    LaunchReport report();

    /**
     * Returns the permit.
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

    /** The result of a launch that ended READY: the owner of the permit may initialise CEF. */
    record Permitted(LaunchPermit permit) implements LaunchResult {

        @Override
        public LaunchReport report() {
            return permit.report();
        }
    }

    /**
     * The result of a launch that ended HELD or FAILED: CEF must not be initialised.
     *
     * @param profile CEF's root cache path
     */
    record Refused(Path profile, LaunchReport report) implements LaunchResult {}
}
