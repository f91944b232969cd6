package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;

/**
 * What was seen, at one look, of whoever may use the cache when a launch is about to be let through. Only what was looked at, and seen to
 * be so, shows that nobody does.
 *
 * @param soleLauncher seen if this launcher holds the launch lock, absent if another launcher is at work
 * @param cache who has the cache, by its lock and by the record of the instance that was let through last
 * @param usedByHelpers whether a helper of the ended holder is alive
 * @param usedByDeparting whether the process that consented may have files of the profile open
 */
public record CacheFacts(
        Observation<String> soleLauncher,
        CacheStatus cache,
        Observation<Boolean> usedByHelpers,
        Observation<Boolean> usedByDeparting) {

    /** Before the first look, and after a fault, when what was seen before counts no more. */
    public static final CacheFacts NONE = new CacheFacts(
            Observation.unknown("the guard has not requested the launch lock"),
            new CacheStatus.Uncertain("it was not looked at"),
            Observation.unknown("no helpers were looked for"),
            Observation.unknown("no consenting process was looked for"));

    /** Whether nobody uses the cache. A launch lock that could not be asked for stops no launch here;
     * ADR 28 says where that can be. */
    public boolean showNobody() {
        return !(soleLauncher instanceof Observation.Absent)
                && cache instanceof CacheStatus.Free
                && usedByHelpers.is(false)
                && usedByDeparting.is(false);
    }
}
