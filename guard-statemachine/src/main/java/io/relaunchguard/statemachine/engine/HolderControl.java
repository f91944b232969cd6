package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The control of the pinned holder. It has the facts about the holder, the verdict, its helpers, and the only way to a
 * signal.
 */
final class HolderControl implements AutoCloseable {

    private final ProfilePorts ports;
    private final Collection<SafetyPredicate> predicates;
    private final Supplier<Observation<String>> soleLauncher;
    private final Consent consent;
    private final Journal journal;
    private final Delivery delivery;
    private final Runnable onChange;

    private final FactsReader reader;
    private final List<PinnedProcess> helpers = new ArrayList<>();
    private final List<PinnedProcess> stoppedHelpers = new ArrayList<>();
    private @Nullable SafetyFacts facts;
    private @Nullable Verdict verdict;

    /** The facts as last read; null if a signal used them, or something broke since. */
    private @Nullable SafetyFacts unused;

    /**
     * Creates the control before a holder is known.
     *
     * @param predicates the predicates that must hold before a signal
     * @param soleLauncher whether this launcher has the launch lock
     * @param delivery says whether the launch was abandoned; an abandoned launch sends no signals
     * @param onChange called, from another thread, when the holder or a helper exits
     */
    HolderControl(
            ProfilePorts ports,
            Duration maxMarkerAge,
            Collection<SafetyPredicate> predicates,
            Supplier<Observation<String>> soleLauncher,
            Consent consent,
            Journal journal,
            Delivery delivery,
            Runnable onChange) {
        this.ports = ports;
        this.predicates = predicates;
        this.soleLauncher = soleLauncher;
        this.consent = consent;
        this.journal = journal;
        this.delivery = delivery;
        this.onChange = onChange;
        this.reader = new FactsReader(ports, maxMarkerAge);
    }

    /**
     * Reads every fact afresh and judges the facts. Looks for helpers before, so that nothing slow stands between the
     * facts and a signal.
     */
    void readFacts() {
        unused = null;
        boolean firstTime = facts == null;
        if (!firstTime) {
            findHelpers();
        }
        SafetyFacts read = reader.read(soleLauncher.get(), consent::reread);
        Verdict judged = Verdict.judge(read, predicates);
        facts = read;
        unused = read;
        if (firstTime) {
            reader.pin().toOptional().ifPresent(pin -> pin.onExit(onChange));
        }
        if (firstTime || !hasExited()) {
            verdict = judged;
        }
    }

    /** Discards the facts after something broke, so that they clear no signal. */
    void forget() {
        unused = null;
    }

    /**
     * Records the request and asks the holder to end, if it still consents then. If an earlier launch has asked the
     * holder, this does not ask again but resumes the holder, because the holder may never have seen that request.
     *
     * @return false if it does not consent any more
     */
    boolean requestExit() {
        SafetyFacts read = requireEveryPredicateHolds(unused);
        if (read.marker() instanceof MarkerReading.Valid valid && valid.asked()) {
            signal(read, PinnedProcess::resumeIfStopped);
            return true;
        }
        SafetyFacts noted = read.withMarker(consent.noteRequest());
        facts = noted;
        verdict = Verdict.judge(noted, predicates);
        if (verdict instanceof Verdict.Spare) {
            unused = null;
            return false;
        }
        signal(noted, PinnedProcess::requestExit);
        return true;
    }

    /** Ends the holder by force. */
    void forceExit() {
        signal(unused, pin -> List.of(pin.forceExit()));
    }

    /**
     * Sends a signal that ends the pinned holder. This is the engine's only way to such a signal. It sends nothing unless every
     * predicate holds on these facts, which were read just before. One reading clears one signal.
     */
    private void signal(@Nullable SafetyFacts justRead, Function<PinnedProcess, List<SentSignal>> signal) {
        requireEveryPredicateHolds(justRead);
        unused = null;
        journal.signalled(signal.apply(reader.pin().toOptional().orElseThrow()));
        // The holder cannot follow a request while it waits for stopped helpers, and they would stay behind when it is
        // forced.
        stoppedHelpers.forEach(helper -> journal.signalled(helper.resumeIfStopped()));
    }

    private SafetyFacts requireEveryPredicateHolds(@Nullable SafetyFacts justRead) {
        if (justRead == null
                || delivery.isAbandoned()
                || !(Verdict.judge(justRead, predicates) instanceof Verdict.Reap)) {
            throw new IllegalStateException("a signal was due without every predicate holding");
        }
        return justRead;
    }

    boolean hasExited() {
        return reader.pin().toOptional().map(PinnedProcess::hasExited).orElse(false);
    }

    Observation<Activity> activity() {
        return reader.pin().flatMap(PinnedProcess::activity);
    }

    Observation<ProcessIdentity> identity() {
        return reader.pin().flatMap(PinnedProcess::identity);
    }

    /** Returns how long ago the holder consented, by the facts as last read. */
    Observation<Duration> sinceConsent() {
        return facts != null && facts.marker() instanceof MarkerReading.Valid valid
                ? facts.sinceBoot().map(now -> now.minus(valid.marker().written()))
                : Observation.unknown("no process consented");
    }

    /** Lets stopped helpers of the ended holder run, so that they notice its end and end too. */
    void resumeHelpers() {
        if (hasExited()) {
            helpers.forEach(helper -> journal.signalled(helper.resumeIfStopped()));
        }
    }

    /** Returns whether no helper is left of an ended holder that had files of the profile open. */
    boolean helpersAreGone() {
        return !hasExited() || helpers.stream().allMatch(PinnedProcess::hasExited);
    }

    /** Returns the helpers that are alive. */
    List<InstanceRecord.Survivor> liveHelpers() {
        List<InstanceRecord.Survivor> alive = new ArrayList<>();
        for (PinnedProcess helper : helpers) {
            if (!helper.hasExited()) {
                alive.add(new InstanceRecord.Survivor(
                        helper.pid(),
                        helper.identity()
                                .map(ProcessIdentity::start)
                                .toOptional()
                                .orElse(InstanceRecord.Survivor.UNKNOWN)));
            }
        }
        return alive;
    }

    /** Returns the facts as last read; empty before. */
    Optional<SafetyFacts> facts() {
        return Optional.ofNullable(facts);
    }

    /** Returns the last verdict on a holder that was alive. */
    Optional<Verdict> verdict() {
        return Optional.ofNullable(verdict);
    }

    @Override
    public void close() {
        helpers.forEach(helper -> journal.quietly(helper::close));
        stoppedHelpers.forEach(helper -> journal.quietly(helper::close));
        journal.quietly(reader::close);
    }

    private void findHelpers() {
        Optional<PinnedProcess> holder = reader.pin().toOptional();
        if (holder.isEmpty()) {
            return;
        }
        stoppedHelpers.addAll(ports.processes().stoppedHelpersOf(holder.get()));
        List<PinnedProcess> before = List.copyOf(helpers);
        List<PinnedProcess> now = ports.processes().helpersOf(holder.get());
        // This object has to close them from here on, whatever throws.
        helpers.addAll(now);
        for (PinnedProcess found : now) {
            if (before.stream().anyMatch(known -> known.pid() == found.pid() && !known.hasExited())) {
                helpers.remove(found);
                found.close();
            } else {
                found.onExit(onChange);
            }
        }
    }
}
