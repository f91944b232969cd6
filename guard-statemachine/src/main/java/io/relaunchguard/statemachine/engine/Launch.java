package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.Explanation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lifecycle.GuardFacts;
import io.relaunchguard.core.lifecycle.LaunchEvent;
import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lifecycle.TransitionGuard;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.safety.CacheFacts;
import io.relaunchguard.core.safety.FreeProfile;
import io.relaunchguard.core.safety.LaunchFacts;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One launch: the mailbox that everything passes through, the facts as last read, and the only way to a signal.
 *
 * <p>All work is done on the thread that calls {@link #run}. Callbacks of ports come from other threads and do nothing but
 * put a message into the mailbox; a message that belongs to an earlier state visit is dropped.
 */
final class Launch {

    private final ProfilePorts ports;
    private final LaunchPolicy policy;
    private final Collection<SafetyPredicate> predicates;
    private final Optional<String> version;
    private final Journal journal;
    private final Map<LaunchState, Stage> stages;
    private final BlockingQueue<Message> mailbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean changePosted = new AtomicBoolean();
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);

    private final CompletableFuture<Void> writing = new CompletableFuture<>();
    private final AtomicReference<@Nullable Decided> decided = new AtomicReference<>();
    private final AtomicBoolean endTold = new AtomicBoolean();

    private final FactsReader facts;
    private final CacheProbe cacheProbe;
    private final AtomicReference<@Nullable Observation<LaunchLock.Hold>> launchLock = new AtomicReference<>();
    private final List<PinnedProcess> helpers = new ArrayList<>();
    private final List<PinnedProcess> stoppedHelpers = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();

    private final List<FreeProfile.Look> looks = new ArrayList<>();

    private @Nullable LifecycleMachine machine;
    private @Nullable Watch request;
    private long launcherWaitEnds;
    private long visit;
    private long deadline;
    private @Nullable Long graceEnds;
    private long preflightEnds;
    private @Nullable Outcome outcome;
    private Observation<String> soleLauncher = Observation.unknown("the launch lock was not asked for");
    private MarkerReading marker = new MarkerReading.Absent();
    private boolean markerWasRead;
    private boolean queued;
    private boolean claimed;
    private @Nullable LaunchFacts lastFacts;
    private @Nullable Verdict verdict;
    private boolean cleared;
    private @Nullable CacheStatus cache;
    private CacheFacts cacheFacts = CacheFacts.NONE;
    private CacheStatus.@Nullable Stale removedLock;
    private @Nullable PinnedProcess departing;
    private Optional<Path> threadDump = Optional.empty();

    private enum Phase {
        RUNNING,
        ENDED,
        /** Delivered while the files at its end are still being written. */
        TAKEN,
        ABANDONED
    }

    /** How it ends, and the launch lock, which is let go only once those files are written. */
    private record Decided(LaunchReport report, @Nullable LateRelease hold) {}

    private sealed interface Message {

        /** Something outside changed: whoever is in charge now should look. */
        record Changed() implements Message {}

        /** An event of one state visit. */
        record Raised(long visit, LaunchEvent event) implements Message {}
    }

    Launch(
            ProfilePorts ports,
            LaunchPolicy policy,
            Collection<SafetyPredicate> predicates,
            List<LaunchListener> listeners) {
        this(ports, policy, predicates, listeners, Optional.empty());
    }

    /** The same in an application of this version. */
    Launch(
            ProfilePorts ports,
            LaunchPolicy policy,
            Collection<SafetyPredicate> predicates,
            List<LaunchListener> listeners,
            Optional<String> version) {
        this.ports = ports;
        this.policy = policy;
        this.predicates = predicates;
        this.version = version;
        this.journal = new Journal(ports.clock(), listeners);
        this.facts = new FactsReader(ports, policy.maxMarkerAge());
        this.cacheProbe = new CacheProbe(ports, this::postChange);
        this.stages = new EnumMap<>(Map.of(
                LaunchState.START, new Start(),
                LaunchState.MARKER_CHECK, new MarkerCheck(),
                LaunchState.HOLDER_READ, new ReadFacts(),
                LaunchState.DECIDE, new Decide(),
                LaunchState.TEARDOWN_GRACE, new TeardownGrace(),
                LaunchState.TERM, new Term(),
                LaunchState.REVALIDATE, new ReadFacts(),
                LaunchState.KILL, new Kill(),
                LaunchState.PREFLIGHT, new Preflight()));
    }

    /** Runs the lifecycle to its end on this thread. Never throws; whatever breaks is in the report. */
    EndedLaunch run() {
        try {
            begin();
            while (outcome == null) {
                handle(ports.clock().poll(mailbox, deadline));
            }
        } catch (InterruptedException e) {
            // Whoever interrupts a launch wants no permit of it.
            abandon();
            abort(e);
            Thread.currentThread().interrupt();
        } catch (Throwable t) {
            abort(t);
        }
        return finish();
    }

    /**
     * From now on nothing is signalled, removed or permitted. Called from any thread.
     *
     * @return false if the launch has ended already; its result is about to be delivered
     */
    boolean abandon() {
        return phase.compareAndSet(Phase.RUNNING, Phase.ABANDONED);
    }

    /** Done once it is decided how the launch ends, or it has ended. */
    CompletableFuture<Void> writing() {
        return writing;
    }

    /**
     * Ends a launch that is decided and still has files to write, because the file system does not answer: its own thread goes
     * on with that, and lets the launch lock go afterwards. Called from any thread.
     *
     * @return null if the launch is not in that moment
     */
    @Nullable
    EndedLaunch takeUnwritten() {
        Decided taken = decided.get();
        if (taken == null || !phase.compareAndSet(Phase.RUNNING, Phase.TAKEN)) {
            return null;
        }
        tellEnd(taken.report());
        return new EndedLaunch(taken.report(), taken.hold());
    }

    // What the stages use.

    LaunchPolicy policy() {
        return policy;
    }

    long nanoTime() {
        return ports.clock().nanoTime();
    }

    /** Puts an event into the mailbox; it counts only if the launch is still in this visit of this state then. */
    void raise(LaunchEvent event) {
        mailbox.add(new Message.Raised(visit, event));
    }

    /** Sets when {@link Stage#elapsed} is called. */
    void waitAtMost(Duration budget) {
        deadline = nanoTime() + budget.toNanos();
    }

    void requestLaunchLock() {
        launcherWaitEnds = nanoTime() + policy.launcherWait().toNanos();
        request = ports.launchLock().request(reply -> {
            launchLock.set(reply);
            postChange();
        });
        queued = true;
    }

    /** How much longer another launcher may take, counted from the request. */
    Duration launcherWaitLeft() {
        return Duration.ofNanos(Math.max(0, launcherWaitEnds - nanoTime()));
    }

    boolean launchLockDecided() {
        Observation<LaunchLock.Hold> reply = launchLock.get();
        if (reply == null) {
            return false;
        }
        soleLauncher = reply.map(hold -> "this launcher holds the launch lock");
        return true;
    }

    void giveUpLaunchLock() {
        closeRequest();
        if (!launchLockDecided()) {
            soleLauncher = Observation.absent("another launcher is at work on the profile");
        }
    }

    boolean anotherLauncherIsAtWork() {
        return soleLauncher instanceof Observation.Absent;
    }

    /**
     * The same where the launch broke before it had an answer to its request: the lock itself is asked. If it cannot tell, a
     * request that was accepted and not granted is taken to wait for another launcher; without one it is the lock that is
     * broken, which stops no launch.
     */
    boolean anotherLauncherIsKnownToBeAtWork() {
        if (soleLauncher instanceof Observation.Unknown && !launchLockDecided()) {
            Observation<String> asked = ask(ports.launchLock()::probe, soleLauncher);
            if (asked instanceof Observation.Absent || (queued && asked instanceof Observation.Unknown)) {
                soleLauncher = Observation.absent("another launcher is at work on the profile");
            }
        }
        return anotherLauncherIsAtWork();
    }

    /** Until it has been seen once that somebody is there, or may be. */
    void lookWhetherAnybodyIsThere() {
        looks.clear();
        do {
            looks.add(look());
        } while (looks.size() < FreeProfile.LOOKS && looks.get(looks.size() - 1).showsNobody());
    }

    /** No process is looked at while there is a lock or a consent. The lock is read first: a consent is written before it goes. */
    private FreeProfile.Look look() {
        Observation<SingletonLock> lock = ports.lock().read();
        MarkerReading consent = lock instanceof Observation.Absent
                ? ports.markers().peek()
                : new MarkerReading.Unreadable("it was not looked for beside a lock");
        return new FreeProfile.Look(
                consent,
                consent instanceof MarkerReading.Absent
                        ? cacheProbe.look()
                        : new CacheStatus.Uncertain("it was not looked at beside a consent"));
    }

    /** Claims the marker; without the launch lock it is only looked at. */
    void readMarker() {
        if (soleLauncher instanceof Observation.Seen) {
            marker = ports.markers().claim();
            claimed = marker instanceof MarkerReading.Valid;
        } else {
            marker = ports.markers().peek();
        }
        markerWasRead = true;
    }

    /**
     * Reads every fact afresh and judges them. Helpers are looked for before, so that nothing slow stands between the facts
     * and a signal.
     */
    void readFacts() {
        cleared = false;
        boolean firstTime = lastFacts == null;
        if (!firstTime) {
            findHelpers();
        }
        // A marker that was not claimed can let nothing happen; what was seen of it is kept for the report.
        LaunchFacts read = facts.read(soleLauncher, claimed ? ports.markers()::readClaim : () -> marker);
        Verdict judged = Verdict.judge(read, predicates);
        lastFacts = read;
        cleared = judged instanceof Verdict.Reap;
        if (firstTime) {
            facts.pin().toOptional().ifPresent(pin -> pin.onExit(this::postChange));
        }
        if (firstTime || !holderHasExited()) {
            verdict = judged;
        }
    }

    /** How long to wait for the cache at first: not long for somebody whom nobody asked to go. */
    Duration cacheRelease() {
        preflightEnds = nanoTime() + policy.cacheRelease().toNanos();
        return marker instanceof MarkerReading.Absent
                        && policy.unconsentedWait().compareTo(policy.cacheRelease()) < 0
                ? policy.unconsentedWait()
                : policy.cacheRelease();
    }

    boolean holderHasExited() {
        return facts.pin().toOptional().map(PinnedProcess::hasExited).orElse(false);
    }

    Observation<Activity> holderActivity() {
        return facts.pin().flatMap(PinnedProcess::activity);
    }

    /** What is left of the bound on the grace, counted from its first visit. */
    Duration graceLeft() {
        long now = nanoTime();
        if (graceEnds == null) {
            graceEnds = now + policy.teardownGraceLimit().toNanos();
        }
        return Duration.ofNanos(Math.max(0, graceEnds - now));
    }

    /** How long the holder may take at first: what it has not had since its consent. */
    Duration firstGrace() {
        return policy.graceAfter(
                sinceConsent(Objects.requireNonNull(lastFacts)).toOptional().orElse(Duration.ZERO));
    }

    /** How much longer the holder may take by its own word, because it is closing: long enough to see progress, or not at all. */
    Duration holderClosingLeft() {
        Duration left = closingLeft(facts.pin().flatMap(PinnedProcess::identity));
        Duration least = policy.graceAfter(policy.teardownGrace());
        return left.isZero() || left.compareTo(least) > 0 ? left : least;
    }

    /** The same of whoever holds the cache without having consented, within what a launch waits for the cache at all. */
    Duration closingWait() {
        Duration left = closingLeft(cacheProbe.holder());
        Duration bound = Duration.ofNanos(Math.max(0, preflightEnds - nanoTime()));
        Duration wait = left.compareTo(bound) < 0 ? left : bound;
        if (!wait.isZero()) {
            journal.waitsForClosing();
        }
        return wait;
    }

    private Duration closingLeft(Observation<ProcessIdentity> process) {
        return process.toOptional()
                .filter(identity -> identity.state() != ExecutionState.EXITED)
                .flatMap(identity -> ports.markers()
                        .closing()
                        .flatMap(notice -> ports.clock()
                                .sinceBoot()
                                .map(now -> notice.left(
                                        identity, ports.host().read().bootId(), now)))
                        .toOptional())
                .orElse(Duration.ZERO);
    }

    private static Observation<Duration> sinceConsent(LaunchFacts read) {
        return read.marker() instanceof MarkerReading.Valid valid
                ? read.sinceBoot().map(now -> now.minus(valid.marker().written()))
                : Observation.unknown("nobody consented");
    }

    /**
     * Notes that the holder is asked to end, and asks it, if it still consents then. One that a launch before this one asked is
     * not asked again, but resumed, because it may never have seen that request.
     *
     * @return false if it does not consent any more
     */
    boolean requestHolderExit() {
        requireCleared();
        LaunchFacts read = Objects.requireNonNull(lastFacts);
        if (read.marker() instanceof MarkerReading.Valid valid && valid.asked()) {
            signalHolder(PinnedProcess::resumeIfStopped);
            return true;
        }
        lastFacts = read.withMarker(ports.markers().noteRequest());
        verdict = Verdict.judge(lastFacts, predicates);
        if (verdict instanceof Verdict.Spare) {
            cleared = false;
            return false;
        }
        signalHolder(PinnedProcess::requestExit);
        return true;
    }

    void forceHolderExit() {
        signalHolder(pin -> List.of(pin.forceExit()));
    }

    /** Lets stopped helpers of the ended holder run, so that they notice its end and end too. */
    void resumeHelpers() {
        if (holderHasExited()) {
            helpers.forEach(helper -> journal.signalled(helper.resumeIfStopped()));
        }
    }

    private boolean helpersAreGone() {
        return !holderHasExited() || helpers.stream().allMatch(PinnedProcess::hasExited);
    }

    void watchProfile() {
        try {
            watches.add(ports.lock().watch(this::postChange));
        } catch (RuntimeException | LinkageError e) {
            journal.broke(e);
        }
    }

    /**
     * Looks who may use the cache, having removed a lock that is provably stale. After the first who may nobody else is looked for.
     *
     * @param departingHasTime whether the process that consented may take its time to exit, whatever it has open
     * @return whether nobody does
     */
    boolean cacheIsFree(boolean departingHasTime) {
        cacheFacts = CacheFacts.NONE;
        cache = lookAndRemoveStaleLock();
        cacheFacts = usersBesideHolder(cache, departingHasTime);
        return cacheFacts.showNobody();
    }

    /** The same after something broke, which may have been what was seen. Removes nothing; what cannot be told shows nothing. */
    void lookAgainAfterFault() {
        cacheFacts = CacheFacts.NONE;
        try {
            cacheFacts = usersBesideHolder(
                    anotherLauncherIsKnownToBeAtWork() ? CacheFacts.NONE.cache() : cacheProbe.look(), false);
        } catch (Throwable t) {
            journal.broke(t);
        }
    }

    private CacheFacts usersBesideHolder(CacheStatus seen, boolean departingHasTime) {
        Observation<Boolean> helpers = CacheFacts.NONE.usedByHelpers();
        Observation<Boolean> departing = CacheFacts.NONE.usedByDeparting();
        if (seen instanceof CacheStatus.Free) {
            helpers = Observation.seen(!helpersAreGone());
        }
        if (helpers.is(false)) {
            departing = Observation.seen((departingHasTime && isDeparting()) || departingMayUseTheProfile());
        }
        if (departing.is(false)) {
            anotherLauncherIsKnownToBeAtWork();
        }
        return new CacheFacts(soleLauncher, seen, helpers, departing);
    }

    /** Removes it only if this is the only launcher. */
    private CacheStatus lookAndRemoveStaleLock() {
        CacheStatus seen = cacheProbe.look();
        if (seen instanceof CacheStatus.Stale stale
                && soleLauncher instanceof Observation.Seen
                && !isAbandoned()
                && ports.lock().remove(stale.lock())) {
            removedLock = stale;
            seen = cacheProbe.look();
        }
        if (seen instanceof CacheStatus.Stale stale && !(soleLauncher instanceof Observation.Seen)) {
            seen = new CacheStatus.Uncertain("the lock is stale (%s), but is not removed without the launch lock: %s"
                    .formatted(stale.proof(), soleLauncher.shortfall()));
        }
        return seen;
    }

    /** Whether the process that consented is still alive though it no longer has the lock: the lock goes first. */
    private boolean isDeparting() {
        if (departing == null && marker instanceof MarkerReading.Valid valid) {
            pinDeparting(valid.marker());
        }
        return departing != null && !departing.hasExited();
    }

    /**
     * Whether the process that consented, whichever it is, may still have files of the profile open: then it outlives its time, as helpers do. Neither its start nor
     * its user is compared: another time namespace reads another start, and a process may change its user.
     */
    private boolean departingMayUseTheProfile() {
        if (!markerWasRead) {
            // The launch broke as it read it.
            marker = ports.markers().peek();
            markerWasRead = true;
        }
        if (!(marker instanceof MarkerReading.Valid valid)
                || !CacheStatus.canName(valid.marker().pid())) {
            return marker instanceof MarkerReading.Unreadable;
        }
        ConsentMarker consent = valid.marker();
        Observation<Boolean> uses = ports.processes().usesProfile(consent.pid());
        if (uses.is(false) || uses instanceof Observation.Absent) {
            return false;
        }
        HostIdentity host = ports.host().read();
        return !differs(host.bootId(), consent.bootId())
                && !differs(host.pidNamespace(), consent.pidNamespace())
                && !(uses instanceof Observation.Unknown && hasEnded(consent.pid()));
    }

    // The machinery.

    private void pinDeparting(ConsentMarker consent) {
        HostIdentity host = ports.host().read();
        if (!host.bootId().is(consent.bootId())
                || !host.pidNamespace().is(consent.pidNamespace())
                || !CacheStatus.canName(consent.pid())
                || !(ports.processes().pin(consent.pid()) instanceof Observation.Seen<PinnedProcess> pin)) {
            return;
        }
        departing = pin.value();
        if (departing.identity().map(ProcessIdentity::start).is(consent.start())) {
            departing.onExit(this::postChange);
        } else {
            departing.close();
            departing = null;
        }
    }

    private boolean hasEnded(long pid) {
        return ports.processes()
                .look(pid)
                .map(process -> process.state() == ExecutionState.EXITED)
                .is(true);
    }

    private static boolean differs(Observation<String> seen, String expected) {
        return seen instanceof Observation.Seen && !seen.is(expected);
    }

    /**
     * The only way to a signal that ends a process: the pinned holder, and only if every predicate held when the facts were
     * last read. A reading clears one signal.
     */
    private void signalHolder(Function<PinnedProcess, List<SentSignal>> signal) {
        requireCleared();
        cleared = false;
        journal.signalled(signal.apply(facts.pin().toOptional().orElseThrow()));
        // It cannot follow a request while it waits for helpers that are stopped, and they would stay behind when it is
        // forced.
        stoppedHelpers.forEach(helper -> journal.signalled(helper.resumeIfStopped()));
    }

    private void requireCleared() {
        if (!cleared || isAbandoned()) {
            throw new IllegalStateException("a signal was due without every predicate holding");
        }
    }

    private void findHelpers() {
        Optional<PinnedProcess> holder = facts.pin().toOptional();
        if (holder.isEmpty()) {
            return;
        }
        stoppedHelpers.addAll(ports.processes().stoppedHelpersOf(holder.get()));
        List<PinnedProcess> before = List.copyOf(helpers);
        List<PinnedProcess> now = ports.processes().helpersOf(holder.get());
        // Ours to close from here on, whatever throws.
        helpers.addAll(now);
        for (PinnedProcess found : now) {
            if (before.stream().anyMatch(known -> known.pid() == found.pid() && !known.hasExited())) {
                helpers.remove(found);
                found.close();
            } else {
                found.onExit(this::postChange);
            }
        }
    }

    private boolean isAbandoned() {
        return phase.get() == Phase.ABANDONED;
    }

    private void postChange() {
        if (changePosted.compareAndSet(false, true)) {
            mailbox.add(new Message.Changed());
        }
    }

    private void handle(@Nullable Message message) {
        if (message instanceof Message.Raised raised) {
            if (raised.visit() == visit) {
                if (raised.event() == LaunchEvent.FAULT) {
                    stage().broken(this);
                }
                follow(raised.event());
            }
            return;
        }
        try {
            if (message == null) {
                deadline = backstop();
                stage().elapsed(this);
            } else {
                changePosted.set(false);
                stage().changed(this);
            }
        } catch (Throwable t) {
            fault(t);
        }
    }

    /** The choice before the machine: a profile that nobody has needs none. */
    private void follow(LaunchEvent event) {
        if (machine == null && event == LaunchEvent.PROFILE_READ && test(TransitionGuard.PROFILE_FREE)) {
            enter(LifecycleTable.FREE);
        } else {
            machine().send(event);
        }
    }

    private LifecycleMachine machine() {
        if (machine == null) {
            machine = new LifecycleMachine(LifecycleTable.INITIAL, this::test, this::enter);
            machine.start();
        }
        return machine;
    }

    private void begin() {
        arrive(LifecycleTable.INITIAL, Optional.empty());
    }

    private void enter(Transition row) {
        arrive(row.target(), Optional.of(row));
    }

    private void arrive(LaunchState entered, Optional<Transition> by) {
        visit++;
        if (entered.isEnd()) {
            outcome = Outcome.valueOf(entered.name());
        }
        // Spring swallows what an entry action throws: everything that may throw is in here.
        try {
            by.ifPresent(journal::transitioned);
            journal.entered(entered);
            closeWatches();
            if (entered != LaunchState.MARKER_CHECK) {
                // There it is waited on.
                closeRequest();
            }
            if (outcome == null) {
                deadline = backstop();
                stage(entered).enter(this);
            }
        } catch (Throwable t) {
            fault(t);
        }
    }

    private Stage stage() {
        return stage(machine == null ? LifecycleTable.INITIAL : machine.state());
    }

    private Stage stage(LaunchState state) {
        return Objects.requireNonNull(stages.get(state));
    }

    private boolean test(TransitionGuard guard) {
        return guard.isShownBy(
                new GuardFacts(soleLauncher, looks, Optional.ofNullable(lastFacts), predicates, cacheFacts));
    }

    /** No state waits longer than this for anything. */
    private long backstop() {
        return nanoTime() + policy.total().toNanos();
    }

    /** What was seen and raised before counts no more. */
    private void fault(Throwable t) {
        cleared = false;
        cache = null;
        cacheFacts = CacheFacts.NONE;
        journal.broke(t);
        visit++;
        raise(LaunchEvent.FAULT);
    }

    /** The machine itself is of no use any more: end without it. */
    private void abort(Throwable t) {
        cleared = false;
        journal.broke(t);
        cacheFacts = CacheFacts.NONE;
        if (!isAbandoned()) {
            lookAgainAfterFault();
        }
        outcome = test(TransitionGuard.STILL_FREE) ? Outcome.READY : Outcome.FAILED;
        LaunchState end = LaunchState.valueOf(outcome.name());
        quietly(() -> journal.entered(end));
    }

    private EndedLaunch finish() {
        Outcome ended = Objects.requireNonNull(outcome);
        boolean ready = ended == Outcome.READY && phase.get() == Phase.RUNNING;
        boolean holderExited = ask(this::holderHasExited, false);
        List<InstanceRecord.Survivor> remaining = ended == Outcome.READY ? List.of() : ask(this::survivors, List.of());
        Observation<Instant> since = ask(ports.lock()::since, Observation.unknown("the lock's time could not be read"));
        threadDump = ask(this::findThreadDump, Optional.empty());
        LaunchLock.Hold had = takeHold();
        LateRelease hold = ready && had != null ? new LateRelease(had) : null;
        List<String> unwritten = new ArrayList<>(journal.faults());
        unwritten.add("the file system of the profile does not answer, and this launch is not written down in it yet");
        decided.set(new Decided(report(ended, holderExited, remaining, since, unwritten), hold));
        writing.complete(null);
        if (soleLauncher instanceof Observation.Seen && phase.get() != Phase.ABANDONED) {
            quietly(() -> remember(ready, remaining));
        }
        // Last: until then a launch that takes over from this one learns from the consent whom to look for.
        if (claimed && (ready || (journal.faults().isEmpty() && !couldNotTell()))) {
            quietly(ports.markers()::discardClaim);
        }
        decided.set(null);
        if (hold != null) {
            hold.written();
        }
        LaunchReport report = report(ended, holderExited, remaining, since, journal.faults());
        release();
        tellEnd(report);
        boolean delivered = phase.compareAndSet(Phase.RUNNING, Phase.ENDED) || phase.get() == Phase.TAKEN;
        if (had != null && !(ready && delivered)) {
            had.close();
            hold = null;
        }
        return new EndedLaunch(report, hold);
    }

    /** Whether the consent was not refused: what was unknown may be known to the next launch, which judges it anew. */
    private boolean couldNotTell() {
        return verdict instanceof Verdict.Spare spare && spare.reason().result() == PredicateResult.Truth.UNKNOWN;
    }

    private LaunchReport report(
            Outcome ended,
            boolean holderExited,
            List<InstanceRecord.Survivor> remaining,
            Observation<Instant> since,
            List<String> faults) {
        Optional<Verdict> judged = Optional.ofNullable(verdict);
        List<Long> survivors =
                remaining.stream().map(InstanceRecord.Survivor::pid).toList();
        Explanation explanation = Explanation.of(new Explanation.Story(
                ended,
                judged,
                holderExited,
                cacheAsTold(),
                Optional.ofNullable(removedLock),
                blockedBy(survivors),
                anotherLauncherIsAtWork() ? List.of() : survivors,
                ended == Outcome.READY ? List.of() : ask(this::filesInTheWay, List.of()),
                journal.signals(),
                faults,
                threadDump));
        return new LaunchReport(
                ended,
                judged,
                lastLock(),
                since,
                lastHolder(),
                journal.visits(),
                journal.transitions(),
                journal.signals(),
                survivors,
                faults,
                threadDump,
                UpdateEffect.of(marker, version),
                explanation.summary(),
                explanation.advice());
    }

    private Optional<Path> findThreadDump() {
        return marker instanceof MarkerReading.Valid valid
                ? ports.threadDumps().find(valid.marker().nonce())
                : Optional.empty();
    }

    private void tellEnd(LaunchReport report) {
        if (endTold.compareAndSet(false, true)) {
            journal.ended(report);
        }
    }

    /** Who was let through, or who is still in the way of the next launch. */
    private void remember(boolean ready, List<InstanceRecord.Survivor> survivors) {
        InstanceRecorder recorder = new InstanceRecorder(ports);
        if (ready) {
            recorder.letThrough();
        } else if (!survivors.isEmpty() && cacheProbe.survivors().isEmpty()) {
            recorder.survived(survivors, whoseSurvivors(), holderHasExited());
        }
    }

    /** Not whoever holds the profile by now: that may be another. */
    private Optional<ProcessIdentity> whoseSurvivors() {
        if (verdict instanceof Verdict.Reap reap) {
            return Optional.of(reap.holder());
        }
        return marker instanceof MarkerReading.Valid valid
                ? ports.processes().look(valid.marker().pid()).toOptional()
                : Optional.empty();
    }

    private List<InstanceRecord.Survivor> survivors() {
        List<InstanceRecord.Survivor> survivors = new ArrayList<>(cacheProbe.survivors());
        for (PinnedProcess other : helpers) {
            if (!other.hasExited()) {
                survivors.add(new InstanceRecord.Survivor(
                        other.pid(),
                        other.identity()
                                .map(ProcessIdentity::start)
                                .toOptional()
                                .orElse(InstanceRecord.Survivor.UNKNOWN)));
            }
        }
        if (cache instanceof CacheStatus.Free
                && marker instanceof MarkerReading.Valid valid
                && departingMayUseTheProfile()) {
            survivors.add(new InstanceRecord.Survivor(
                    valid.marker().pid(), valid.marker().start()));
        }
        return survivors;
    }

    /** What makes it uncertain whether somebody uses the profile, and a person can do away with. */
    private List<String> filesInTheWay() {
        List<Path> files = new ArrayList<>();
        if (!(cacheProbe.lock() instanceof Observation.Absent)) {
            files.add(ports.lock().file());
        }
        if (cacheProbe.record() instanceof Observation.Seen<InstanceRecord> seen
                && !seen.value().ended()) {
            files.add(ports.instances().file());
        }
        if (soleLauncher instanceof Observation.Unknown) {
            ports.launchLock().obstacle().ifPresent(files::add);
        }
        return files.stream().map(file -> file.toAbsolutePath().toString()).toList();
    }

    private Optional<CacheStatus> cacheAsTold() {
        return cache instanceof CacheStatus.Free && marker instanceof MarkerReading.Unreadable unreadable
                ? Optional.of(new CacheStatus.Uncertain(
                        "the consent marker cannot be read (%s), and whoever consented may have files of the profile open"
                                .formatted(unreadable.reason())))
                : Optional.ofNullable(cache);
    }

    private Optional<String> blockedBy(List<Long> survivors) {
        if (anotherLauncherIsAtWork()) {
            return Optional.of(soleLauncher.shortfall());
        }
        boolean nobodyElse =
                cache instanceof CacheStatus.Free || !cacheProbe.survivors().isEmpty();
        return nobodyElse && !survivors.isEmpty()
                ? Optional.of("processes of the ended instance still have its files open: " + survivors)
                : Optional.empty();
    }

    private Observation<SingletonLock> lastLock() {
        return lastFacts != null && lastFacts.lock() instanceof Observation.Seen<SingletonLock> seen
                ? seen
                : cacheProbe.lock();
    }

    private Observation<ProcessIdentity> lastHolder() {
        if (cacheProbe.holder() instanceof Observation.Seen<ProcessIdentity> seen) {
            return seen;
        }
        if (verdict instanceof Verdict.Reap reap) {
            return Observation.seen(reap.holder());
        }
        return lastFacts == null ? cacheProbe.holder() : lastFacts.holder();
    }

    private LaunchLock.@Nullable Hold takeHold() {
        Observation<LaunchLock.Hold> reply = launchLock.get();
        return reply == null ? null : reply.toOptional().orElse(null);
    }

    private void closeWatches() {
        watches.forEach(Watch::close);
        watches.clear();
    }

    private void closeRequest() {
        Watch waiting = request;
        request = null;
        if (waiting != null) {
            waiting.close();
        }
    }

    private void release() {
        quietly(this::closeRequest);
        quietly(this::closeWatches);
        helpers.forEach(helper -> quietly(helper::close));
        stoppedHelpers.forEach(helper -> quietly(helper::close));
        if (departing != null) {
            quietly(departing::close);
        }
        quietly(cacheProbe::close);
        quietly(facts::close);
    }

    private void quietly(Runnable cleanup) {
        try {
            cleanup.run();
        } catch (Throwable t) {
            journal.broke(t);
        }
    }

    private <T> T ask(Supplier<T> question, T otherwise) {
        try {
            return question.get();
        } catch (Throwable t) {
            journal.broke(t);
            return otherwise;
        }
    }
}
