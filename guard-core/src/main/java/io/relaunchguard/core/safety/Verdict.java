package io.relaunchguard.core.safety;

import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.PredicateResult.Truth;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The judgement on the holder, with every predicate's result kept. */
public sealed interface Verdict {

    /** Every predicate. */
    Set<SafetyPredicate> ALL_PREDICATES = Set.copyOf(EnumSet.allOf(SafetyPredicate.class));

    /**
     * What counts when an outgoing process ends a browser of its own that has consented: not that it may have started it, nor that
     * a launcher is at work, which is there for the same consent.
     */
    Set<SafetyPredicate> PREDICATES_OF_AN_OUTGOING_PROCESS =
            Set.copyOf(EnumSet.complementOf(EnumSet.of(SafetyPredicate.NOT_SELF, SafetyPredicate.SOLE_LAUNCHER)));

    /** Every predicate's result, in the predicates' order. */
    List<PredicateResult> results();

    /** Every predicate holds: the holder consented and may be ended. */
    record Reap(ProcessIdentity holder, List<PredicateResult> results) implements Verdict {}

    /** The holder, if there is one, must not be signalled; {@code reason} is the first predicate that does not hold. */
    record Spare(PredicateResult reason, List<PredicateResult> results) implements Verdict {}

    /** Judges the facts by every predicate. Pure; anything but HOLDS spares. */
    static Verdict judge(LaunchFacts facts) {
        return judge(facts, ALL_PREDICATES);
    }

    /** Judges the facts by some predicates: those of an outgoing process, or to show that each of them is needed. */
    static Verdict judge(LaunchFacts facts, Collection<SafetyPredicate> predicates) {
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
