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
 * What happened in one launch: the single story behind the log line, the JSON, the meters and the dialog.
 *
 * @param outcome how it ended
 * @param verdict the last judgement on the holder; empty if nobody was there to judge, or the guard broke before it could
 * @param lock the lock as last seen
 * @param lockedSince since when the lock stands, when it was last seen
 * @param holder the process that the lock names, as last seen
 * @param timeline every state visit in order, the end state last
 * @param transitions every transition taken, in order
 * @param signals every signal sent, in order
 * @param survivors helpers of an ended holder that were still alive at the end
 * @param faults what broke, in order
 * @param threadDump what the threads of the ended instance were doing when its watchdog ended it
 * @param update whether an update has taken effect with this launch
 * @param summary one sentence: what was found and done
 * @param advice what to do about it; empty when READY
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

    /** Keeps its own copies. */
    public LaunchReport {
        timeline = List.copyOf(timeline);
        transitions = List.copyOf(transitions);
        signals = List.copyOf(signals);
        survivors = List.copyOf(survivors);
        faults = List.copyOf(faults);
    }

    /**
     * Whether a live process of this user has the profile and was not asked to go, with all else that is looked at before
     * consent in order: the usual second start of a running application.
     */
    public boolean isSecondStart() {
        return outcome == Outcome.HELD
                && verdict.filter(verdict -> verdict instanceof Verdict.Spare spare
                                && spare.reason().predicate() == SafetyPredicate.MARKER_PRESENT
                                && spare.reason().result() == PredicateResult.Truth.FAILS)
                        .isPresent();
    }

    /**
     * Whether this start may be handed to whoever listens on the profile: it is {@linkplain #isSecondStart() a second start}, or
     * another launcher has the launch lock, as an application has that was let through and is still starting.
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
