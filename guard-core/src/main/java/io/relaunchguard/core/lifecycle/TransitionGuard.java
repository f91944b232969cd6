package io.relaunchguard.core.lifecycle;

import io.relaunchguard.core.safety.FreeProfile;
import io.relaunchguard.core.safety.Verdict;
import java.util.function.Predicate;

/**
 * The conditions under which a transition is taken: pure predicates over what the state's own step has read. Rows that share a source and
 * an event are tried in table order.
 */
public enum TransitionGuard {
    /** Every safety predicate holds on the facts as last read. */
    ALL_PREDICATES_HOLD(
            "every predicate holds",
            facts -> facts.holder()
                    .filter(read -> Verdict.judge(read, facts.predicates()) instanceof Verdict.Reap)
                    .isPresent()),
    /** Nobody has the profile, and nobody has consented to let go of it: it is no relaunch. */
    PROFILE_FREE("profile free", facts -> FreeProfile.isShownBy(facts.soleLauncher(), facts.looks())),
    /** Nobody has the profile at the last look: there is no lock file, and who was let through last, or consented, is gone. */
    STILL_FREE("still free", facts -> facts.cache().showNobody()),
    /** Always: the only row of its event, or what remains when no row before it applied. */
    OTHERWISE("", facts -> true);

    private final String label;

    // A lambda without state is immutable, though its type cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Predicate<GuardFacts> condition;

    TransitionGuard(String label, Predicate<GuardFacts> condition) {
        this.label = label;
        this.condition = condition;
    }

    /** The words on the diagram's arrow; empty for {@link #OTHERWISE}. */
    public String label() {
        return label;
    }

    /** Whether it is so, on these facts. */
    public boolean isShownBy(GuardFacts facts) {
        return condition.test(facts);
    }
}
