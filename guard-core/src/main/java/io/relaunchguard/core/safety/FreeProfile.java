package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.CacheStatus;
import java.util.List;

/**
 * Whether a launch is no relaunch, because nobody has the profile. Pure: judged from what was read under the launch lock, twice, one
 * {@link Look} after the other. Whatever was not read, or could not be told, makes it a relaunch.
 */
public final class FreeProfile {

    /** So often must the same be seen: an application that takes the profile meanwhile is met at the second look. */
    public static final int LOOKS = 2;

    private FreeProfile() {}

    /**
     * One look at the profile.
     *
     * @param marker the consent marker, claimed or not
     * @param cache who has the cache, by its lock and by the record of the instance that was let through last
     */
    public record Look(MarkerReading marker, CacheStatus cache) {

        /** Nobody consented to anything, there is no lock, and whoever was recorded is provably gone. */
        public boolean showsNobody() {
            return marker instanceof MarkerReading.Absent && cache instanceof CacheStatus.Free;
        }
    }

    /**
     * Whether nobody has it.
     *
     * @param soleLauncher whether this launcher has the launch lock
     * @param looks what was seen since it has
     */
    public static boolean isShownBy(Observation<String> soleLauncher, List<Look> looks) {
        return soleLauncher instanceof Observation.Seen
                && looks.size() >= LOOKS
                && looks.stream().allMatch(Look::showsNobody);
    }
}
