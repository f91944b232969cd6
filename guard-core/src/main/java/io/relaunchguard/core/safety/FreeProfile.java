package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.CacheStatus;
import java.util.List;

/**
 * The rule that decides that a launch is no relaunch, because the profile is free. Pure: it judges consecutive
 * {@link Look}s that the launcher took while it had the launch lock. Anything that was not read, or is unknown, makes
 * the launch a relaunch.
 */
public final class FreeProfile {

    /**
     * The number of consecutive observations that must agree: an application that takes the profile in between shows up
     * in the second one.
     */
    public static final int LOOKS = 2;

    private FreeProfile() {}

    /**
     * One observation of the profile.
     *
     * @param marker the consent marker, claimed or not
     * @param cache the status of the profile, by the browser lock and by the record of the instance that was let
     *     through last
     */
    public record Look(MarkerReading marker, CacheStatus cache) {

        /**
         * Returns whether the profile is free: there is no consent and no lock, and the recorded instance, if any, is
         * provably gone.
         */
        public boolean showsNobody() {
            return marker instanceof MarkerReading.Absent && cache instanceof CacheStatus.Free;
        }
    }

    /**
     * Returns whether the profile is free.
     *
     * @param soleLauncher whether this launcher has the launch lock
     * @param looks the observations since it has
     */
    public static boolean isShownBy(Observation<String> soleLauncher, List<Look> looks) {
        return soleLauncher instanceof Observation.Seen
                && looks.size() >= LOOKS
                && looks.stream().allMatch(Look::showsNobody);
    }
}
