package io.relaunchguard.core.launch;

import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import java.util.Optional;

/**
 * Whether an update has taken effect: a comparison of the version that the consent marker announces with the one that
 * runs now.
 */
public sealed interface UpdateEffect {

    /** Returns the effect as a sentence for users. */
    String sentence();

    /** There was no update: no process consented, or it consented to a restart of the same version. */
    record None() implements UpdateEffect {
        @Override
        public String sentence() {
            return "There was no update.";
        }
    }

    /**
     * The new version runs.
     *
     * @param version the new version
     */
    record Applied(String version) implements UpdateEffect {
        @Override
        public String sentence() {
            return "The update to version %s has taken effect.".formatted(version);
        }
    }

    /**
     * The old version runs again, or another one that is not the new one.
     *
     * @param announced the announced version
     * @param running the version that runs
     */
    record NotApplied(String announced, String running) implements UpdateEffect {
        @Override
        public String sentence() {
            return ("The update to version %s has not taken effect: version %s runs. Check whether an AOT cache or a class data"
                            + " archive of the old version is used, whether a shortcut starts the old version, and whether the"
                            + " new one is in another directory than the one that was started.")
                    .formatted(announced, running);
        }
    }

    /**
     * It is unknown whether the update has taken effect.
     *
     * @param reason the reason
     */
    record Unknown(String reason) implements UpdateEffect {
        @Override
        public String sentence() {
            return "The guard cannot tell whether the update has taken effect: %s.".formatted(reason);
        }
    }

    /**
     * Compares the versions, character by character except for blanks around them.
     *
     * @param marker the marker as the launch has read it
     * @param running the version that runs; empty if unknown
     */
    static UpdateEffect of(MarkerReading marker, Optional<String> running) {
        if (marker instanceof MarkerReading.Valid valid) {
            return of(valid.marker(), running.map(String::strip).orElse(""));
        }
        return marker instanceof MarkerReading.Absent
                ? new None()
                : new Unknown("the consent marker cannot be read or is not valid");
    }

    private static UpdateEffect of(ConsentMarker marker, String running) {
        String from = marker.fromVersion().strip();
        String to = marker.toVersion().strip();
        if (to.isEmpty()) {
            return new Unknown("the consent marker announces no version");
        }
        if (to.equals(from)) {
            return new None();
        }
        if (running.isEmpty()) {
            return new Unknown("the version that runs is not known; set relaunch-guard.version");
        }
        return to.equals(running) ? new Applied(to) : new NotApplied(to, running);
    }
}
