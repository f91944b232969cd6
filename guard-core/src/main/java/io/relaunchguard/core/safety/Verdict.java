package io.relaunchguard.core.safety;

import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.PredicateResult.Truth;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The judgement on the lock holder, with the result of every predicate. */
public sealed interface Verdict {

    /** All predicates. */
    Set<SafetyPredicate> ALL_PREDICATES = Set.copyOf(EnumSet.allOf(SafetyPredicate.class));

    /**
     * The predicates that count when an outgoing process ends its own browser, which has consented. Two are left out:
     * the outgoing process may have started the browser, and a launcher may be at work because of the same consent.
     */
    Set<SafetyPredicate> PREDICATES_OF_AN_OUTGOING_PROCESS =
            Set.copyOf(EnumSet.complementOf(EnumSet.of(SafetyPredicate.NOT_SELF, SafetyPredicate.SOLE_LAUNCHER)));

    /** Returns the result of every predicate, in the order of the predicates. */
    List<PredicateResult> results();

    /** Every predicate holds: the holder consented and may be ended. */
    record Reap(ProcessIdentity holder, List<PredicateResult> results) implements Verdict {}

    /**
     * The holder, if there is one, must not be signalled; {@code reason} is the result of the first predicate that does
     * not hold.
     */
    record Spare(PredicateResult reason, List<PredicateResult> results) implements Verdict {}

    /** Judges the facts by all predicates. Pure; any result but HOLDS spares the holder. */
    static Verdict judge(SafetyFacts facts) {
        return judge(facts, ALL_PREDICATES);
    }

    /**
     * Judges the facts by some of the predicates: those for an outgoing process, or a subset that shows that each
     * predicate is needed.
     */
    static Verdict judge(SafetyFacts facts, Collection<SafetyPredicate> predicates) {
        List<PredicateResult> results = predicates.stream()
                .sorted()
                .map(predicate -> predicate.evaluate(facts))
                .toList();
        Optional<PredicateResult> obstacle = results.stream()
                .filter(result -> result.result() != Truth.HOLDS)
                .findFirst();
        return obstacle.<Verdict>map(reason -> new Spare(reason, results))
                .orElseGet(() -> new Reap(facts.holder().toOptional().orElseThrow(), results));
    }
}
