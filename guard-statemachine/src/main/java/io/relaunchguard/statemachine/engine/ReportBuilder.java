package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.Explanation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds the report of a launch from what it saw, judged and signalled. */
final class ReportBuilder {

    private final ProfilePorts ports;
    private final Optional<String> version;
    private final Journal journal;
    private final LaunchLockRequest launchLock;
    private final Consent consent;
    private final HolderControl holder;
    private final Departing departing;
    private final CacheProbe probe;
    private final ProfileCache cache;

    /**
     * Creates the builder for one launch.
     *
     * @param version the version of the running application; empty if it is not known
     */
    ReportBuilder(
            ProfilePorts ports,
            Optional<String> version,
            Journal journal,
            LaunchLockRequest launchLock,
            Consent consent,
            HolderControl holder,
            Departing departing,
            CacheProbe probe,
            ProfileCache cache) {
        this.ports = ports;
        this.version = version;
        this.journal = journal;
        this.launchLock = launchLock;
        this.consent = consent;
        this.holder = holder;
        this.departing = departing;
        this.probe = probe;
        this.cache = cache;
    }

    /**
     * The facts that are looked up once, when the outcome of the launch is decided.
     *
     * @param holderExited whether the holder's exit was seen
     * @param survivors the processes that outlived the holder and may have files of the profile open
     * @param survivorsAreRecorded whether a launch before this one has recorded survivors
     * @param lockedSince since when the lock stands
     * @param threadDump what the threads of the ended instance were doing when its watchdog ended it
     */
    record LastLook(
            boolean holderExited,
            List<InstanceRecord.Survivor> survivors,
            boolean survivorsAreRecorded,
            Observation<Instant> lockedSince,
            Optional<Path> threadDump) {

        List<Long> survivorPids() {
            return survivors.stream().map(InstanceRecord.Survivor::pid).toList();
        }
    }

    LastLook lastLook(Outcome ended) {
        return new LastLook(
                journal.ask(holder::hasExited, false),
                ended == Outcome.READY ? List.of() : journal.ask(this::survivors, List.of()),
                !probe.survivors().isEmpty(),
                journal.ask(ports.lock()::since, Observation.unknown("the lock's time could not be read")),
                journal.ask(this::findThreadDump, Optional.empty()));
    }

    /**
     * Returns the process that the survivors outlived. That is not the process that holds the profile by now, which may
     * be another one.
     */
    Optional<ProcessIdentity> whoseSurvivors() {
        if (holder.verdict().orElse(null) instanceof Verdict.Reap reap) {
            return Optional.of(reap.holder());
        }
        return consent.marker() instanceof MarkerReading.Valid valid
                ? ports.processes().look(valid.marker().pid()).toOptional()
                : Optional.empty();
    }

    /**
     * Returns whether the consent was not refused but could not be judged. What was unknown may be known to the next
     * launch, which judges it anew.
     */
    boolean consentCouldNotBeJudged() {
        return holder.verdict().orElse(null) instanceof Verdict.Spare spare
                && spare.reason().result() == PredicateResult.Truth.UNKNOWN;
    }

    LaunchReport report(Outcome ended, LastLook look, List<String> faults) {
        List<Long> survivors = look.survivorPids();
        Explanation explanation = Explanation.of(new Explanation.Story(
                ended,
                holder.verdict(),
                look.holderExited(),
                cacheAsTold(),
                cache.removedLock(),
                blockedBy(survivors),
                launchLock.anotherIsAtWork() ? List.of() : survivors,
                ended == Outcome.READY ? List.of() : journal.ask(this::filesInTheWay, List.of()),
                journal.signals(),
                faults,
                look.threadDump()));
        return new LaunchReport(
                ended,
                holder.verdict(),
                lastLock(),
                look.lockedSince(),
                lastHolder(),
                journal.visits(),
                journal.transitions(),
                journal.signals(),
                survivors,
                faults,
                look.threadDump(),
                UpdateEffect.of(consent.marker(), version),
                explanation.summary(),
                explanation.advice());
    }

    private Optional<Path> findThreadDump() {
        return consent.marker() instanceof MarkerReading.Valid valid
                ? ports.threadDumps().find(valid.marker().nonce())
                : Optional.empty();
    }

    private List<InstanceRecord.Survivor> survivors() {
        List<InstanceRecord.Survivor> survivors = new ArrayList<>(probe.survivors());
        survivors.addAll(holder.liveHelpers());
        if (cache.status().orElse(null) instanceof CacheStatus.Free
                && consent.marker() instanceof MarkerReading.Valid valid
                && departing.mayUseTheProfile()) {
            survivors.add(new InstanceRecord.Survivor(
                    valid.marker().pid(), valid.marker().start()));
        }
        return survivors;
    }

    /** Returns the files that make it uncertain whether the profile is in use, and that a user can remove. */
    private List<String> filesInTheWay() {
        List<Path> files = new ArrayList<>();
        if (consentIsTheDoubt()) {
            files.addAll(ports.markers().obstacles());
        } else {
            if (!(probe.lock() instanceof Observation.Absent)) {
                files.add(ports.lock().file());
            }
            if (probe.record() instanceof Observation.Seen<InstanceRecord> seen
                    && !seen.value().ended()) {
                files.add(ports.instances().file());
            }
        }
        launchLock.obstacle().ifPresent(files::add);
        return files.stream().map(file -> file.toAbsolutePath().toString()).toList();
    }

    private Optional<CacheStatus> cacheAsTold() {
        return consentIsTheDoubt()
                ? Optional.of(new CacheStatus.Uncertain(
                        "the consent marker cannot be read (%s), and the consenting process may have files of the profile open"
                                .formatted(((MarkerReading.Unreadable) consent.marker()).reason())))
                : cache.status();
    }

    /** Returns whether the profile is free except for a process that may have consented, and may use it. */
    private boolean consentIsTheDoubt() {
        return cache.status().orElse(null) instanceof CacheStatus.Free
                && consent.marker() instanceof MarkerReading.Unreadable;
    }

    private Optional<String> blockedBy(List<Long> survivors) {
        if (launchLock.anotherIsAtWork()) {
            return Optional.of(launchLock.soleLauncher().shortfall() + whoIsAtWork());
        }
        boolean nobodyElse = cache.status().orElse(null) instanceof CacheStatus.Free
                || !probe.survivors().isEmpty();
        return nobodyElse && !survivors.isEmpty()
                ? Optional.of("processes of the ended instance still have its files open: " + survivors)
                : Optional.empty();
    }

    /**
     * Names the launcher that has the launch lock, and the instance that it let through, as far as that is possible.
     */
    private String whoIsAtWork() {
        return launchLock.owner().toOptional().map(this::launcher).orElse("")
                + lastHolder()
                        .toOptional()
                        .filter(process -> process.state() != ExecutionState.EXITED)
                        .map(process -> "; process %d%s uses the profile"
                                .formatted(
                                        process.pid(),
                                        process.executable()
                                                .toOptional()
                                                .map(" (%s)"::formatted)
                                                .orElse("")))
                        .orElse("");
    }

    /** One that is stopped keeps the launch lock until somebody resumes or ends it. */
    private String launcher(long pid) {
        String named = "; process %d has the launch lock".formatted(pid);
        boolean isStopped = journal.ask(
                () -> ports.processes().look(pid).map(ProcessIdentity::state).is(ExecutionState.STOPPED), false);
        return isStopped ? named + " and is stopped; this command resumes it: kill -CONT %d".formatted(pid) : named;
    }

    private Observation<SingletonLock> lastLock() {
        return holder.facts()
                .map(SafetyFacts::lock)
                .filter(Observation.Seen.class::isInstance)
                .orElseGet(probe::lock);
    }

    private Observation<ProcessIdentity> lastHolder() {
        if (probe.holder() instanceof Observation.Seen<ProcessIdentity> seen) {
            return seen;
        }
        if (holder.verdict().orElse(null) instanceof Verdict.Reap reap) {
            return Observation.seen(reap.holder());
        }
        return holder.facts().map(SafetyFacts::holder).orElseGet(probe::holder);
    }
}
