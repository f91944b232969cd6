package io.relaunchguard.statemachine.history;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The record of a launch for the history file, the endpoint and the command line.
 *
 * @param outcome ready, held or failed
 * @param verdict the last verdict on the holder; null if there was no holder to judge, or the guard broke before it
 *     could
 * @param holder the process that the lock names, and what was seen of it; null without a lock
 * @param predicates each predicate with its result, in order
 * @param timeline every state visit, the end state last
 * @param path every transition taken, in order
 * @param signals every signal sent, in order
 * @param survivors helpers of an ended holder that were still alive at the end
 * @param faults the faults of the guard, in order
 * @param threadDump the file with what the threads of the ended instance were doing at its deadline; null without one
 * @param update whether an update has taken effect; null without an update
 * @param summary what the launch found and did
 * @param advice what the user can do now; empty when ready
 */
public record HistoryRecord(
        String outcome,
        @Nullable Judgement verdict,
        @Nullable Holder holder,
        List<Predicate> predicates,
        List<Visit> timeline,
        List<Step> path,
        List<SignalRecord> signals,
        List<Long> survivors,
        List<String> faults,
        @Nullable String threadDump,
        @Nullable Update update,
        String summary,
        String advice) {

    /** The outcome of a launch that was killed before it had one; no line of the history has it. */
    public static final String UNFINISHED = "unfinished";

    /**
     * A verdict.
     *
     * @param kind reap or spare
     * @param reason the first predicate that does not hold; null for reap
     */
    public record Judgement(String kind, @Nullable String reason, String detail) {

        /** Returns the record of a verdict. */
        public static Judgement of(Verdict verdict) {
            return verdict instanceof Verdict.Spare spare
                    ? new Judgement(
                            "spare",
                            spare.reason().predicate().id(),
                            spare.reason().detail())
                    : new Judgement("reap", null, "every predicate holds");
        }
    }

    /**
     * The process that the lock names.
     *
     * @param since since when the lock stands
     * @param start the process's raw start token
     */
    public record Holder(
            String host,
            long pid,
            @Nullable Instant since,
            @Nullable String start,
            @Nullable String state,
            @Nullable String user,
            @Nullable String executable,
            @Nullable String lineage) {

        /** Returns the record of the process that a lock names; null without a lock. */
        public static @Nullable Holder of(
                Observation<SingletonLock> lock, Observation<Instant> since, Observation<ProcessIdentity> holder) {
            Optional<ProcessIdentity> process = holder.toOptional();
            return lock.toOptional()
                    .map(named -> new Holder(
                            named.host(),
                            named.pid(),
                            since.toOptional().orElse(null),
                            process.map(ProcessIdentity::start).orElse(null),
                            process.map(seen -> lower(seen.state())).orElse(null),
                            process.flatMap(seen -> seen.user().toOptional()).orElse(null),
                            process.flatMap(seen -> seen.executable().toOptional())
                                    .orElse(null),
                            process.flatMap(seen -> seen.lineage().toOptional())
                                    .map(HistoryRecord::lower)
                                    .orElse(null)))
                    .orElse(null);
        }
    }

    /**
     * The result of a predicate.
     *
     * @param result holds, fails or unknown
     */
    public record Predicate(String name, String result, String detail) {

        /** Returns the records of a verdict's results. */
        public static List<Predicate> of(Verdict verdict) {
            return verdict.results().stream().map(Predicate::of).toList();
        }

        private static Predicate of(PredicateResult result) {
            return new Predicate(result.predicate().id(), lower(result.result()), result.detail());
        }
    }

    /**
     * A stay in a state.
     *
     * @param dwellMillis to the microsecond, so that it has no exponent when it is written
     */
    public record Visit(String state, Instant enteredAt, double dwellMillis) {

        private static Visit of(StateVisit visit) {
            long micros = TimeUnit.NANOSECONDS.toMicros(visit.dwell().toNanos());
            return new Visit(visit.state().name(), visit.enteredAt(), micros / 1e3);
        }
    }

    /**
     * A transition taken.
     *
     * @param guard the guard that let the transition pass
     */
    public record Step(String from, String event, String guard, String to) {

        /** Returns the record of a transition. */
        public static Step of(Transition transition) {
            return new Step(
                    transition.source().name(),
                    transition.event().name(),
                    transition.guard().name(),
                    transition.target().name());
        }
    }

    /**
     * A signal that was sent.
     *
     * @param result delivered, gone or refused
     */
    public record SignalRecord(String signal, long pid, String result, String detail) {

        private static SignalRecord of(SentSignal sent) {
            return new SignalRecord(sent.signal().name(), sent.pid(), lower(sent.result()), sent.detail());
        }
    }

    /**
     * The effect of an update.
     *
     * @param effect applied, not-applied or unknown
     */
    public record Update(String effect, String detail) {

        private static @Nullable Update of(UpdateEffect update) {
            if (update instanceof UpdateEffect.Applied) {
                return new Update("applied", update.sentence());
            }
            if (update instanceof UpdateEffect.NotApplied) {
                return new Update("not-applied", update.sentence());
            }
            return update instanceof UpdateEffect.Unknown ? new Update("unknown", update.sentence()) : null;
        }
    }

    /** Creates the record with its own copies of the lists. */
    public HistoryRecord {
        predicates = List.copyOf(predicates);
        timeline = List.copyOf(timeline);
        path = List.copyOf(path);
        signals = List.copyOf(signals);
        survivors = List.copyOf(survivors);
        faults = List.copyOf(faults);
    }

    /** Returns the record of a report. */
    public static HistoryRecord of(LaunchReport report) {
        return new HistoryRecord(
                lower(report.outcome()),
                report.verdict().map(Judgement::of).orElse(null),
                Holder.of(report.lock(), report.lockedSince(), report.holder()),
                report.verdict().map(Predicate::of).orElse(List.of()),
                report.timeline().stream().map(Visit::of).toList(),
                report.transitions().stream().map(Step::of).toList(),
                report.signals().stream().map(SignalRecord::of).toList(),
                report.survivors(),
                report.faults(),
                report.threadDump().map(Path::toString).orElse(null),
                Update.of(report.update()),
                report.summary(),
                report.advice());
    }

    /** Returns the record of a launch of which only its beginning is known: it was killed before it ended. */
    static HistoryRecord unfinished() {
        return new HistoryRecord(
                UNFINISHED,
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                new Update("unknown", "the launch was killed"),
                "The launch was killed before it ended.",
                "");
    }

    /** Returns the launch as one line of JSON, with the names of the components as keys. */
    public String toJson() {
        return HistoryLine.of(this);
    }

    private static String lower(Object name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
