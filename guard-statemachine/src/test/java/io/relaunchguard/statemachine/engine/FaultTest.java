package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Breaks every call of every port, one at a time and for good: what may never happen then, does not. */
class FaultTest {

    /** After its effect such a call has made something that only its answer gives away: no caller could close it. */
    private static final Set<Port> ANSWERS_A_RESOURCE =
            Set.of(Port.PIN, Port.HELPERS_OF, Port.LOCK_WATCH, Port.LAUNCH_LOCK_REQUEST);

    /** What shows that nobody is there, or that who consented has gone. */
    private static final Map<Scenario, Set<Port>> PROOFS = Map.of(
            Scenario.NO_LOCK, Set.of(Port.RECORD_READ, Port.MARKER_PEEK),
            Scenario.MARKER_BUT_NO_LOCK, Set.of(Port.RECORD_READ, Port.USES_PROFILE, Port.MARKER_PEEK));

    private static final Logger JOURNAL = Logger.getLogger(Journal.class.getName());
    private static final Logger SPRING = Logger.getLogger("org.springframework.statemachine");

    /** What can be thrown. */
    private enum Fault {
        EXCEPTION(() -> new IllegalStateException("broken")),
        MISSING_CLASS(() -> new NoClassDefFoundError("com/sun/jna/Native")),
        MISSING_LIBRARY(() -> new UnsatisfiedLinkError("jnidispatch")),
        STACK_OVERFLOW(StackOverflowError::new);

        // A lambda without state is immutable, though its type cannot say so.
        @SuppressWarnings("ImmutableEnumChecker")
        private final Supplier<Throwable> thrown;

        Fault(Supplier<Throwable> thrown) {
            this.thrown = thrown;
        }

        void strike() {
            Throwable t = thrown.get();
            if (t instanceof RuntimeException exception) {
                throw exception;
            }
            throw (Error) t;
        }
    }

    /** Strikes once, or from a call on for good, and remembers what had been done until then. */
    private static final class Strike implements CallHook {

        private final World world;
        private final Fault fault;
        private final int index;
        private final boolean afterEffect;
        private final Port forGood;
        private int signalsBefore = -1;
        private boolean claimedBefore;

        Strike(World world, Fault fault, int index, boolean afterEffect, Port forGood) {
            this.world = world;
            this.fault = fault;
            this.index = index;
            this.afterEffect = afterEffect;
            this.forGood = forGood;
            world.hook = this;
        }

        @Override
        public void beforeCall(Port port, int at) {
            if (!afterEffect) {
                strikeIfDue(port, at);
            }
        }

        @Override
        public void afterCall(Port port, int at) {
            if (afterEffect) {
                strikeIfDue(port, at);
            }
        }

        boolean struck() {
            return signalsBefore >= 0;
        }

        private void strikeIfDue(Port port, int at) {
            if (forGood == null ? at == index : port == forGood) {
                if (!struck()) {
                    signalsBefore = world.signals.size();
                    claimedBefore = world.claim instanceof MarkerReading.Valid;
                }
                fault.strike();
            }
        }
    }

    @BeforeAll
    static void beQuiet() {
        JOURNAL.setLevel(Level.OFF);
        SPRING.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        JOURNAL.setLevel(null);
        SPRING.setLevel(null);
    }

    static List<Arguments> scenariosAndFaults() {
        List<Arguments> all = new ArrayList<>();
        for (Scenario scenario : List.of(
                Scenario.WEDGED,
                Scenario.NO_LOCK,
                Scenario.HEALTHY,
                Scenario.STALE_LOCK,
                Scenario.MARKER_BUT_NO_LOCK,
                Scenario.HELPER_LETS_GO,
                Scenario.LOCK_GOES_BEFORE_ITS_HOLDER,
                Scenario.ANOTHER_LAUNCHER_ENDS)) {
            for (Fault fault : ExplorationTest.GOES_DEEPER
                    ? EnumSet.allOf(Fault.class)
                    : EnumSet.of(Fault.EXCEPTION, Fault.MISSING_CLASS)) {
                all.add(Arguments.of(scenario, fault));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("scenariosAndFaults")
    @Tag("H26")
    @Tag("H02")
    void noSingleFaultMakesALaunchUnsafeOrNeedlesslyStuck(Scenario scenario, Fault fault) {
        World baseline = scenario.world();
        Launches.run(baseline);
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < baseline.calls.size(); i++) {
            Port port = baseline.calls.get(i);
            if (!port.mayThrow()) {
                continue;
            }
            check(scenario, port, new Plan(fault, i, false, null), wrong);
            if (!ANSWERS_A_RESOURCE.contains(port)) {
                check(scenario, port, new Plan(fault, i, true, null), wrong);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scenariosAndFaults")
    @Tag("H26")
    void noPortThatIsBrokenForGoodMakesALaunchUnsafeOrNeedlesslyStuck(Scenario scenario, Fault fault) {
        List<String> wrong = new ArrayList<>();
        for (Port port : Port.values()) {
            if (port.mayThrow()) {
                check(scenario, port, new Plan(fault, -1, false, port), wrong);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H12")
    void noAnswerThatItCannotBeToldMakesALaunchUnsafe(Scenario scenario) {
        World baseline = scenario.world();
        Launches.run(baseline);
        for (int i = 0; i < baseline.calls.size(); i++) {
            int index = i;
            World world = scenario.world();
            world.hook = new CallHook() {
                @Override
                public void beforeCall(Port port, int at) {
                    if (at == index && port.canBeUnknown()) {
                        throw new CallHook.Unknown("permission denied");
                    }
                }
            };
            LaunchReport report = Launches.run(world);
            String place = "%s, Unknown at call %d, %s".formatted(scenario, index, baseline.calls.get(index));
            Launches.assertOnlyConsentingHoldersWereHit(world);
            assertThat(report.faults()).as(place).isEmpty();
            if (report.outcome() == Outcome.READY) {
                assertThat(world.liveHolder()).as(place).isEmpty();
            }
            assertThat(world.elapsedMillis())
                    .as(place)
                    .isLessThanOrEqualTo(LaunchPolicy.DEFAULT.total().toMillis());
        }
    }

    private record Plan(Fault fault, int index, boolean afterEffect, Port forGood) {}

    private static void check(Scenario scenario, Port port, Plan plan, List<String> wrong) {
        String place = "%s, %s %s call %d of %s"
                .formatted(scenario, plan.fault(), plan.afterEffect() ? "after" : "before", plan.index(), port);
        World world = scenario.world();
        Strike strike = new Strike(world, plan.fault(), plan.index(), plan.afterEffect(), plan.forGood());
        EndedLaunch ended;
        try {
            ended = Launches.runAndKeepHold(world);
        } catch (Throwable t) {
            wrong.add(place + ": run() threw " + t);
            return;
        }
        if (!strike.struck()) {
            return;
        }
        LaunchReport report = ended.report();
        if (ended.hold() != null) {
            ended.hold().close();
        }
        expect(world.open.isEmpty(), place + ": left open " + world.open.size(), wrong);
        expect(world.violations.isEmpty(), place + ": " + world.violations, wrong);
        long after = world.signals.stream()
                .skip(strike.signalsBefore)
                .filter(ReceivedSignal::reached)
                .filter(signal -> signal.signal() != Signal.CONT)
                .count();
        expect(after == 0, place + ": signalled after the fault " + Launches.signals(world), wrong);
        boolean ready = report.outcome() == Outcome.READY;
        expect(!ready || world.liveHolder().isEmpty(), place + ": READY beside a live holder", wrong);
        boolean free = scenario == Scenario.NO_LOCK || scenario == Scenario.MARKER_BUT_NO_LOCK;
        boolean proofIsBroken = port == Port.LOCK_READ
                || (plan.forGood() != null
                        && PROOFS.getOrDefault(scenario, Set.of()).contains(port));
        expect(!free || ready || proofIsBroken, place + ": not READY without a lock, but " + report.outcome(), wrong);
        expect(!report.faults().isEmpty(), place + ": the report does not tell of the fault", wrong);
        expect(
                world.elapsedMillis() <= LaunchPolicy.DEFAULT.total().toMillis(),
                place + ": took %d ms".formatted(world.elapsedMillis()),
                wrong);
        expect(
                Launches.states(report).get(Launches.states(report).size() - 1)
                        == LifecycleState.valueOf(report.outcome().name()),
                place + ": the timeline ends elsewhere",
                wrong);
        if (!ready && strike.claimedBefore && !(plan.afterEffect() && port == Port.MARKER_DISCARD_CLAIM)) {
            expect(world.claim instanceof MarkerReading.Valid, place + ": the claim was given up", wrong);
        }
    }

    private static void expect(boolean condition, String otherwise, List<String> wrong) {
        if (!condition) {
            wrong.add(otherwise);
        }
    }
}
