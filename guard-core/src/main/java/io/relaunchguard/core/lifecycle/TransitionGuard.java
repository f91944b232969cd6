package io.relaunchguard.core.lifecycle;

import io.relaunchguard.core.safety.FreeProfile;
import io.relaunchguard.core.safety.Verdict;
import java.util.function.Predicate;

/**
 * The conditions under which a transition is taken. They are pure predicates over what the state's own step has read.
 * The machine tries rows that share a source and an event in table order.
 */
public enum TransitionGuard {
    /** The condition that every safety predicate holds on the facts as last read. */
    ALL_PREDICATES_HOLD(
            "every predicate holds",
            facts -> facts.holder()
                    .filter(read -> Verdict.judge(read, facts.predicates()) instanceof Verdict.Reap)
                    .isPresent()),
    /** The condition that no process has the profile, and none has consented to leave it: the launch is no relaunch. */
    PROFILE_FREE("profile free", facts -> FreeProfile.isShownBy(facts.soleLauncher(), facts.looks())),
    /**
     * The condition that no process has the profile at the last look: there is no lock file, and the process that was
     * let through last, or consented, is gone.
     */
    STILL_FREE("still free", facts -> facts.cache().showNobody()),
    /**
     * The condition that always holds: for the only row of its event, or for the row that remains when no row before it
     * applied.
     */
    OTHERWISE("", facts -> true);

    private final String label;

    // A lambda without state is immutable, though its type cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Predicate<TransitionFacts> condition;

    TransitionGuard(String label, Predicate<TransitionFacts> condition) {
        this.label = label;
        this.condition = condition;
    }

    /** Returns the words on the diagram's arrow; empty for {@link #OTHERWISE}. */
    public String label() {
        return label;
    }

    /** Returns whether the condition holds on these facts. */
    public boolean isShownBy(TransitionFacts facts) {
        return condition.test(facts);
    }
}
