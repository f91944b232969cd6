package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LifecycleEvent;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.lifecycle.TransitionFacts;
import io.relaunchguard.core.lifecycle.TransitionGuard;
import io.relaunchguard.core.safety.SafetyPredicate;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One launch. It gives each message from the mailbox to the state in charge, and each event that this state raises to
 * the machine.
 *
 * <p>All work is done on the thread that calls {@link #run}. Callbacks of ports come from other threads and do nothing
 * but put a message into the mailbox.
 */
final class Launch {

    private final Collection<SafetyPredicate> predicates;
    private final Duration backstop;
    private final Journal journal;
    private final Mailbox mailbox;
    private final Delivery delivery;
    private final LaunchLockRequest launchLock;
    private final Consent consent;
    private final HolderControl holder;
    private final Departing departing;
    private final CacheProbe probe;
    private final ProfileLooks looks;
    private final ProfileCache cache;
    private final Completion end;
    private final Map<LifecycleState, Stage> stages;

    private @Nullable LifecycleMachine machine;
    private @Nullable Outcome outcome;

    Launch(
            ProfilePorts ports,
            LaunchPolicy policy,
            Collection<SafetyPredicate> predicates,
            List<LaunchListener> listeners) {
        this(ports, policy, predicates, listeners, Optional.empty());
    }

    /** Creates a launch in an application of this version. */
    Launch(
            ProfilePorts ports,
            LaunchPolicy policy,
            Collection<SafetyPredicate> predicates,
            List<LaunchListener> listeners,
            Optional<String> version) {
        this.predicates = predicates;
        this.backstop = policy.total();
        this.journal = new Journal(ports.clock(), listeners);
        this.mailbox = new Mailbox(ports.clock());
        this.delivery = new Delivery(journal);
        this.launchLock = new LaunchLockRequest(ports.launchLock(), mailbox, policy.launcherWait(), journal);
        this.consent = new Consent(ports.markers());
        this.holder = new HolderControl(
                ports,
                policy.maxMarkerAge(),
                predicates,
                launchLock::soleLauncher,
                consent,
                journal,
                delivery,
                mailbox::postChange);
        this.departing = new Departing(ports, consent, mailbox::postChange);
        this.probe = new CacheProbe(ports, mailbox::postChange);
        this.looks = new ProfileLooks(ports, probe);
        this.cache = new ProfileCache(
                ports.lock(), probe, launchLock, holder, departing, journal, delivery, mailbox::postChange);
        ReportBuilder reports =
                new ReportBuilder(ports, version, journal, launchLock, consent, holder, departing, probe, cache);
        this.end = new Completion(ports, journal, delivery, launchLock, consent, reports, this::release);
        Closing closing = new Closing(ports);
        this.stages = new EnumMap<>(Map.of(
                LifecycleState.START, new Start(mailbox, launchLock, looks),
                LifecycleState.MARKER_CHECK, new MarkerCheck(mailbox, launchLock, consent),
                LifecycleState.HOLDER_READ, new HolderRead(mailbox, holder),
                LifecycleState.DECIDE, new Decide(mailbox),
                LifecycleState.TEARDOWN_GRACE, new TeardownGrace(mailbox, holder, policy, closing),
                LifecycleState.TERM, new Term(mailbox, holder, policy.termGrace()),
                LifecycleState.REVALIDATE, new Revalidate(mailbox, holder),
                LifecycleState.KILL, new Kill(mailbox, holder, policy.killConfirmation()),
                LifecycleState.PREFLIGHT,
                        new Preflight(mailbox, policy, launchLock, consent, holder, cache, closing, journal)));
    }

    /** Runs the lifecycle to its end on this thread. Never throws; whatever breaks is in the report. */
    EndedLaunch run() {
        try {
            arrive(LifecycleTable.INITIAL, Optional.empty());
            while (outcome == null) {
                handle(mailbox.take());
            }
        } catch (InterruptedException e) {
            // A caller that interrupts a launch wants no permit of it.
            delivery.abandon();
            abort(e);
            Thread.currentThread().interrupt();
        } catch (Throwable t) {
            abort(t);
        }
        return end.as(Objects.requireNonNull(outcome));
    }

    /**
     * Abandons the launch: from now on it signals, removes and permits nothing. Any thread may call this.
     *
     * @return false if the launch has ended already; its result is about to be delivered
     */
    boolean abandon() {
        return delivery.abandon();
    }

    /** Returns a future that is done once the outcome of the launch is decided, or the launch has ended. */
    CompletableFuture<Void> writing() {
        return delivery.writing();
    }

    /**
     * Ends a launch whose outcome is decided and which still has files to write, because the file system does not
     * answer. Its own thread goes on writing, and releases the launch lock afterwards. Any thread may call this.
     *
     * @return null if the launch is not in that phase
     */
    @Nullable
    EndedLaunch takeUnwritten() {
        return delivery.takeUnwritten();
    }

    private void handle(Mailbox.@Nullable Message message) {
        if (message instanceof Mailbox.Message.Raised raised) {
            if (raised.event() == LifecycleEvent.FAULT) {
                stage().broken();
            }
            follow(raised.event());
            return;
        }
        try {
            if (message == null) {
                mailbox.waitAtMost(backstop);
                stage().elapsed();
            } else {
                stage().changed();
            }
        } catch (Throwable t) {
            fault(t);
        }
    }

    /**
     * Follows an event: first by the choice before the machine, because a profile that no process has needs no machine.
     */
    private void follow(LifecycleEvent event) {
        if (machine == null && event == LifecycleEvent.PROFILE_READ && isShown(TransitionGuard.PROFILE_FREE)) {
            enter(LifecycleTable.FREE);
        } else {
            machine().send(event);
        }
    }

    private LifecycleMachine machine() {
        if (machine == null) {
            machine = new LifecycleMachine(LifecycleTable.INITIAL, this::isShown, this::enter);
            machine.start();
        }
        return machine;
    }

    private boolean isShown(TransitionGuard guard) {
        return guard.isShownBy(new TransitionFacts(
                launchLock.soleLauncher(), looks.taken(), holder.facts(), predicates, cache.facts()));
    }

    private void enter(Transition row) {
        arrive(row.target(), Optional.of(row));
    }

    private void arrive(LifecycleState entered, Optional<Transition> by) {
        mailbox.forget();
        if (entered.isEnd()) {
            outcome = Outcome.valueOf(entered.name());
        }
        // Spring swallows what an entry action throws, so everything that may throw is in here.
        try {
            by.ifPresent(journal::transitioned);
            journal.entered(entered);
            cache.closeWatches();
            if (entered != LifecycleState.MARKER_CHECK) {
                // MARKER_CHECK is the state that waits for the lock.
                launchLock.stopWaiting();
            }
            if (outcome == null) {
                // No state waits longer than this for anything.
                mailbox.waitAtMost(backstop);
                stage(entered).enter();
            }
        } catch (Throwable t) {
            fault(t);
        }
    }

    private Stage stage() {
        return stage(machine == null ? LifecycleTable.INITIAL : machine.state());
    }

    private Stage stage(LifecycleState state) {
        return Objects.requireNonNull(stages.get(state));
    }

    /** Forgets what was seen and raised before, and raises a fault. */
    private void fault(Throwable t) {
        holder.forget();
        cache.forget();
        journal.broke(t);
        mailbox.forget();
        mailbox.raise(LifecycleEvent.FAULT);
    }

    /** Ends the launch without the machine, which is of no use any more. */
    private void abort(Throwable t) {
        journal.broke(t);
        boolean isWanted = !delivery.isAbandoned();
        if (isWanted) {
            cache.lookAgainAfterFault();
        }
        outcome = isWanted && isShown(TransitionGuard.STILL_FREE) ? Outcome.READY : Outcome.FAILED;
        LifecycleState last = LifecycleState.valueOf(outcome.name());
        journal.quietly(() -> journal.entered(last));
    }

    private void release() {
        journal.quietly(launchLock::stopWaiting);
        journal.quietly(cache::closeWatches);
        journal.quietly(departing::close);
        journal.quietly(probe::close);
        holder.close();
    }
}
