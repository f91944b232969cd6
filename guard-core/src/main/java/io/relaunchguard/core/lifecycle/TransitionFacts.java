package io.relaunchguard.core.lifecycle;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.safety.CacheFacts;
import io.relaunchguard.core.safety.FreeProfile;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.SafetyPredicate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The facts that the guards of the {@link LifecycleTable} judge. The step of the state whose rows ask for a part has
 * read that part; a guard reads nothing.
 *
 * @param soleLauncher seen if this launcher holds the launch lock, absent if another launcher is at work
 * @param looks what START saw of the profile
 * @param holder the facts of the holder as last read, in HOLDER_READ, TEARDOWN_GRACE or REVALIDATE; empty before
 * @param predicates the predicates that must hold for the holder
 * @param cache what PREFLIGHT last saw of the processes that may use the cache
 */
public record TransitionFacts(
        Observation<String> soleLauncher,
        List<FreeProfile.Look> looks,
        Optional<SafetyFacts> holder,
        Collection<SafetyPredicate> predicates,
        CacheFacts cache) {

    /** Creates the facts with their own copies of the collections. */
    public TransitionFacts {
        looks = List.copyOf(looks);
        predicates = List.copyOf(predicates);
    }
}
