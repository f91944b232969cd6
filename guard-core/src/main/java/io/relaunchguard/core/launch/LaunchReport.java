package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The report of one launch, and the single source of the log line, the JSON, the meters and the dialog.
 *
 * @param outcome how the launch ended
 * @param verdict the last judgement on the holder; empty if there was no holder to judge, or the guard failed first
 * @param lock the lock as last observed
 * @param lockedSince when the lock was created, as last observed
 * @param holder the process that the lock names, as last observed
 * @param timeline every state visit in order, the end state last
 * @param transitions every transition taken, in order
 * @param signals every signal sent, in order
 * @param survivors helpers of an ended holder that were still alive at the end
 * @param faults the failures, in order
 * @param threadDump what the threads of the ended instance were doing when its watchdog ended it
 * @param update whether an update has taken effect with this launch
 * @param summary one sentence: what was found and done
 * @param advice what to do about it; empty if READY
 */
public record LaunchReport(
        Outcome outcome,
        Optional<Verdict> verdict,
        Observation<SingletonLock> lock,
        Observation<Instant> lockedSince,
        Observation<ProcessIdentity> holder,
        List<StateVisit> timeline,
        List<Transition> transitions,
        List<SentSignal> signals,
        List<Long> survivors,
        List<String> faults,
        Optional<Path> threadDump,
        UpdateEffect update,
        String summary,
        String advice) {

    /** Copies the lists, so that the report is immutable. */
    public LaunchReport {
        timeline = List.copyOf(timeline);
        transitions = List.copyOf(transitions);
        signals = List.copyOf(signals);
        survivors = List.copyOf(survivors);
        faults = List.copyOf(faults);
    }

    /**
     * Returns whether this launch was the usual second start of a running application: a live process of this user has
     * the profile and did not consent, and all predicates before the consent hold.
     */
    public boolean isSecondStart() {
        return outcome == Outcome.HELD
                && verdict.filter(verdict -> verdict instanceof Verdict.Spare spare
                                && spare.reason().predicate() == SafetyPredicate.MARKER_PRESENT
                                && spare.reason().result() == PredicateResult.Truth.FAILS)
                        .isPresent();
    }

    /**
     * Returns whether this start may be handed to the instance that listens on the profile: it is
     * {@linkplain #isSecondStart() a second start}, or another launcher has the launch lock, for example an application
     * that was let through and is still starting.
     */
    public boolean mayBeHandedOver() {
        return isSecondStart()
                || (outcome == Outcome.HELD
                        && verdict.filter(verdict -> verdict.results().stream()
                                        .anyMatch(result -> result.predicate() == SafetyPredicate.SOLE_LAUNCHER
                                                && result.result() == PredicateResult.Truth.FAILS))
                                .isPresent());
    }
}
