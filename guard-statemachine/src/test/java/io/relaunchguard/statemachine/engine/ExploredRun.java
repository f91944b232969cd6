package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.engine.Move.LauncherKilled;
import io.relaunchguard.statemachine.engine.Move.Step;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** One launch, on the real machine, in a world that moves; and what must hold then, whatever the moves were. */
final class ExploredRun implements CallHook {

    /** After its effect such a call has made something that only its answer gives away: no caller could close it. */
    private static final Set<Port> ANSWERS_A_RESOURCE =
            EnumSet.of(Port.PIN, Port.HELPERS_OF, Port.STOPPED_HELPERS_OF, Port.LOCK_WATCH, Port.LAUNCH_LOCK_REQUEST);

    private static final Set<Port> SIGNALS = EnumSet.of(Port.PIN_REQUEST_EXIT, Port.PIN_FORCE_EXIT, Port.PIN_RESUME);

    /** What runs: the code as it is, or with a fault seeded. */
    record Subject(Collection<SafetyPredicate> predicates, UnaryOperator<ProfilePorts> ports) {

        static final Subject REAL = new Subject(Verdict.ALL_PREDICATES, UnaryOperator.identity());
    }

    /** A call before which the path could have gone on. */
    record Choice(int index, Port port, long state, List<Step> steps) {}

    final Scenario scenario;
    final List<Step> path;
    final List<Choice> choices = new ArrayList<>();

    private final World world;
    private final boolean collects;
    private final Random random;
    private final int movesToMake;
    private final List<String> wrong = new ArrayList<>();
    private final Subject subject;
    private final Launch launch;

    private int made;
    private boolean killed;
    private boolean faulted;
    private boolean toStop;
    private int signalsWhenStopped = -1;
    private int signalsUntold;

    private ExploredRun(
            Scenario scenario, List<Step> path, Subject subject, boolean collects, Random random, int movesToMake) {
        this.scenario = scenario;
        this.path = new ArrayList<>(path);
        this.collects = collects;
        this.random = random;
        this.movesToMake = movesToMake;
        this.world = scenario.world();
        world.hook = this;
        world.namesStates = collects;
        this.subject = subject;
        this.launch = newLaunch();
    }

    private Launch newLaunch() {
        return new Launch(
                subject.ports().apply(world.ports()),
                LaunchPolicy.DEFAULT,
                subject.predicates(),
                List.of(new SignalWatch()));
    }

    /** Makes these moves. */
    static ExploredRun along(Scenario scenario, List<Step> path, Subject subject) {
        return new ExploredRun(scenario, path, subject, false, new Random(0), 0);
    }

    /** Makes these moves and collects where else the path could go on. */
    static ExploredRun withChoices(Scenario scenario, List<Step> path, Subject subject) {
        return new ExploredRun(scenario, path, subject, true, new Random(0), 0);
    }

    /** Chooses up to that many moves as it goes. */
    static ExploredRun atRandom(Scenario scenario, Random random, int moves, Subject subject) {
        return new ExploredRun(scenario, List.of(), subject, false, random, moves);
    }

    /** What {@link #toString} says, as it is pasted into a test or given to a system property. */
    static ExploredRun replay(String text) {
        String[] words = text.trim().split("\\s+");
        return along(
                Scenario.valueOf(words[0]),
                Arrays.stream(words).skip(1).map(Step::parse).toList(),
                Subject.REAL);
    }

    @Override
    public String toString() {
        return scenario + path.stream().map(step -> " " + step).collect(Collectors.joining());
    }

    @Override
    public void beforeCall(Port port, int index) {
        if (killed) {
            throw new LauncherKilled();
        }
        if (!isPlace(port)) {
            return;
        }
        if (movesToMake > 0) {
            if (path.size() < movesToMake && random.nextInt(30) < movesToMake) {
                List<Step> steps = steps(port, index);
                Step step = steps.get(random.nextInt(steps.size()));
                path.add(step);
            }
        } else if (collects && made == path.size()) {
            choices.add(new Choice(index, port, world.stateHash(), steps(port, index)));
        }
        makeMoves(port, index, false);
    }

    @Override
    public void afterCall(Port port, int index) {
        if (isPlace(port)) {
            makeMoves(port, index, true);
        }
    }

    private static boolean isPlace(Port port) {
        return !port.isTime() && port.mayThrow() && port != Port.PIN_PID;
    }

    private List<Step> steps(Port port, int index) {
        List<Step> steps = new ArrayList<>();
        for (Move move : Move.values()) {
            if (move.applies(world, port)) {
                steps.add(new Step(index, move, false));
            }
        }
        if (!ANSWERS_A_RESOURCE.contains(port)) {
            steps.add(new Step(index, Move.THE_PORT_BREAKS, true));
        }
        steps.add(new Step(index, Move.OUR_LAUNCHER_IS_KILLED, true));
        return steps;
    }

    private void makeMoves(Port port, int index, boolean after) {
        while (made < path.size()
                && path.get(made).index() == index
                && path.get(made).afterEffect() == after) {
            make(path.get(made++).move(), port, after);
        }
    }

    private void make(Move move, Port port, boolean after) {
        switch (move) {
            case THE_PORT_BREAKS -> {
                faulted = true;
                if (after && SIGNALS.contains(port)) {
                    // Nobody can tell whether it was sent.
                    signalsUntold = 1;
                }
                stoppedNow();
            }
            case OUR_LAUNCHER_IS_KILLED -> killed = true;
            case OUR_LAUNCH_IS_ABANDONED -> {
                launch.abandon();
                toStop = true;
                if (!SIGNALS.contains(port)) {
                    // What is under way cannot be called back.
                    stoppedNow();
                }
            }
            case OUR_THREAD_IS_INTERRUPTED -> {
                toStop = true;
                stoppedNow();
            }
            default -> {}
        }
        world.happened(move + " " + after);
        move.make(world);
    }

    private void stoppedNow() {
        if (signalsWhenStopped < 0) {
            signalsWhenStopped = world.signals.size();
        }
    }

    /** Runs it; everything that was wrong. */
    List<String> violations() {
        try {
            EndedLaunch ended = launch.run();
            if (!killed) {
                check(ended, new Before(0, 0, false));
            }
        } catch (LauncherKilled e) {
            expect(killed, "a launch ended that nobody killed");
        } finally {
            toStop |= Thread.interrupted();
        }
        if (killed || world.claim instanceof MarkerReading.Valid) {
            nextLaunch();
        }
        wrong.addAll(world.violations);
        return wrong;
    }

    /** What was left behind is taken up by another launch, in peace. */
    private void nextLaunch() {
        if (killed) {
            // What it did while it was dead was done by nobody.
            world.launcherIsKilled();
        }
        world.hook = new CallHook() {};
        faulted = false;
        toStop = false;
        signalsWhenStopped = -1;
        signalsUntold = 0;
        Before before = new Before(
                world.signals.size(),
                world.elapsedMillis(),
                world.claim instanceof MarkerReading.Valid claim && claim.asked());
        check(newLaunch().run(), before);
        for (ReceivedSignal signal : world.signals) {
            expect(
                    world.signals.stream()
                                    .filter(other -> other.signal() == Signal.TERM)
                                    .filter(other -> other.receiver() == signal.receiver())
                                    .count()
                            <= 1,
                    "two launches asked " + signal.receiver());
        }
    }

    /** What there was when a launch began. */
    private record Before(int signals, long elapsedMillis, boolean asked) {}

    private void check(EndedLaunch ended, Before before) {
        LaunchReport report = ended.report();
        permit(ended);
        signals(report, before);
        story(report, before);
        if (ended.hold() != null) {
            ended.hold().close();
        }
        expect(world.open.isEmpty(), "left open: " + world.open);
        expect(world.launchLock != LaunchLockOwner.THIS_LAUNCHER, "the launch lock is still held");
        long took = world.elapsedMillis() - before.elapsedMillis();
        expect(took <= LaunchPolicy.DEFAULT.total().toMillis(), "took " + took + " ms");
    }

    private void permit(EndedLaunch ended) {
        boolean ready = ended.report().outcome() == Outcome.READY;
        expect(ended.hold() == null || ready, "a permit without READY");
        if (!ready) {
            return;
        }
        expect(
                world.lockWhenLastRead instanceof Observation.Absent,
                "READY though the lock was last read as " + world.lockWhenLastRead);
        expect(
                !world.standing.locked() || world.lockReadsSinceTimePassed > 0,
                "READY though there was a lock when time last passed, and nobody looked since");
        expect(world.launchLockWhenLastAsked != LaunchLockOwner.ANOTHER, "READY while another launcher is at work");
        expect(world.usersThatWereTold().isEmpty(), "READY beside " + world.usersThatWereTold());
    }

    private void signals(LaunchReport report, Before before) {
        List<ReceivedSignal> sent = world.signals.subList(before.signals(), world.signals.size());
        expect(count(sent, Signal.TERM) <= 1 && count(sent, Signal.KILL) <= 1, "signalled twice");
        expect(
                signalsWhenStopped < 0
                        || world.signals.stream()
                                .skip(signalsWhenStopped)
                                .allMatch(signal -> signal.signal() == Signal.CONT),
                "signalled after a fault, or after the launch was to stop");
        List<String> told = report.signals().stream()
                .map(one -> "%s %d %s".formatted(one.signal(), one.pid(), one.result() == SentSignal.Result.DELIVERED))
                .toList();
        List<String> received = sent.stream()
                .map(signal -> "%s %d %s".formatted(signal.signal(), signal.receiver().pid, signal.reached()))
                .toList();
        expect(
                told.equals(received) || (signalsUntold > 0 && received.containsAll(told)),
                "the report tells of other signals: " + told + ", received " + received);
    }

    private static long count(List<ReceivedSignal> signals, Signal wanted) {
        return signals.stream().filter(signal -> signal.signal() == wanted).count();
    }

    private void story(LaunchReport report, Before before) {
        expect(faulted || toStop || report.faults().isEmpty(), "the report tells of a fault: " + report.faults());
        expect(!faulted || !report.faults().isEmpty(), "the fault is not told of");
        List<LifecycleState> states = Launches.states(report);
        expect(
                states.get(states.size() - 1).name().equals(report.outcome().name()),
                "the timeline ends elsewhere: " + states);
        expect(states.get(0) == LifecycleTable.INITIAL, "the timeline begins elsewhere: " + states);
        for (int i = 0; i + 1 < states.size(); i++) {
            boolean last = i + 2 == states.size();
            if (i >= report.transitions().size()) {
                expect(last && !report.faults().isEmpty(), "a state was entered by no transition: " + states);
                continue;
            }
            Transition row = report.transitions().get(i);
            expect(LifecycleTable.TRANSITIONS.contains(row), "a transition that is in no table: " + row);
            expect(
                    row.source() == states.get(i) && row.target() == states.get(i + 1),
                    "the transitions are not those of the timeline: " + row + ", " + states);
        }
        boolean asked = report.signals().stream().anyMatch(sent -> sent.signal() == Signal.TERM);
        expect(!asked || states.contains(LifecycleState.TERM), "SIGTERM outside TERM");
        boolean forced = report.signals().stream().anyMatch(sent -> sent.signal() == Signal.KILL);
        expect(
                !forced || ((asked || before.asked()) && states.contains(LifecycleState.KILL)),
                "SIGKILL outside KILL, or without a request");
        expect(report.outcome() == Outcome.READY || !report.advice().isBlank(), "no advice");
    }

    private void expect(boolean condition, String otherwise) {
        if (!condition) {
            wrong.add(otherwise);
        }
    }

    /** Looks at the receiver of each signal at the moment at which it arrived. */
    private final class SignalWatch implements LaunchListener {

        @Override
        public void signalled(SentSignal sent) {
            if (sent.result() == SentSignal.Result.REFUSED) {
                return;
            }
            ReceivedSignal signal = world.signals.get(world.signals.size() - 1);
            WorldProcess receiver = signal.receiver();
            if (!signal.reached() || (receiver.hasFilesOpen && sent.signal() == Signal.CONT)) {
                return;
            }
            expect(receiver.consented, sent + " to one that never consented");
            expect(receiver != world.launcher, sent + " to ourselves");
            expect(!receiver.descendsFrom(world.launcher), sent + " to a descendant");
            expect(world.namespace.equals(receiver.namespace), sent + " to a process of another namespace");
            expect(
                    world.user.equals(receiver.user) || userChangedInTheWindow(),
                    sent + " to a process of another user");
            expect(world.launchLock == LaunchLockOwner.THIS_LAUNCHER, sent + " without the launch lock");
            if (sent.signal() != Signal.CONT) {
                is(receiver, world.holderWhenLastRead, sent + " to one that was not the holder at the last look");
                if (world.lockReadsSinceTimePassed == 0) {
                    is(
                            receiver,
                            world.standing.holder(),
                            sent + " to one that was not the holder when time last passed, and nobody looked since");
                }
                is(receiver, world.consentWhenLastRead, sent + " to one whose consent did not stand at the last look");
                is(
                        receiver,
                        world.standing.consenting(),
                        sent + " to one whose consent did not stand when time last passed");
            }
        }

        private void is(WorldProcess receiver, Optional<WorldProcess> wanted, String otherwise) {
            expect(wanted.filter(receiver::equals).isPresent(), otherwise);
        }

        /** Whether it changed only after it was last looked at, while no time passed. */
        private boolean userChangedInTheWindow() {
            return world.standing
                    .holder()
                    .filter(holder -> holder.userWhenTimeLastPassed.equals(world.user))
                    .isPresent();
        }
    }
}
