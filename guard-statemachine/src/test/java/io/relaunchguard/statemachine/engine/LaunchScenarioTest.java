package io.relaunchguard.statemachine.engine;

import static io.relaunchguard.core.lifecycle.LifecycleState.DECIDE;
import static io.relaunchguard.core.lifecycle.LifecycleState.HELD;
import static io.relaunchguard.core.lifecycle.LifecycleState.HOLDER_READ;
import static io.relaunchguard.core.lifecycle.LifecycleState.KILL;
import static io.relaunchguard.core.lifecycle.LifecycleState.MARKER_CHECK;
import static io.relaunchguard.core.lifecycle.LifecycleState.PREFLIGHT;
import static io.relaunchguard.core.lifecycle.LifecycleState.READY;
import static io.relaunchguard.core.lifecycle.LifecycleState.REVALIDATE;
import static io.relaunchguard.core.lifecycle.LifecycleState.START;
import static io.relaunchguard.core.lifecycle.LifecycleState.TEARDOWN_GRACE;
import static io.relaunchguard.core.lifecycle.LifecycleState.TERM;
import static io.relaunchguard.statemachine.engine.Launches.reaped;
import static io.relaunchguard.statemachine.engine.Launches.run;
import static io.relaunchguard.statemachine.engine.Launches.signals;
import static io.relaunchguard.statemachine.engine.Launches.sparedFor;
import static io.relaunchguard.statemachine.engine.Launches.states;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole launches in the world: outcome, verdict, signals and timeline. */
class LaunchScenarioTest {

    private static final LifecycleState[] SPARED = {START, MARKER_CHECK, HOLDER_READ, DECIDE, PREFLIGHT};

    private World world = new World();

    // Nobody there.

    @Test
    void isReadyAtOnceWhenThereIsNoLock() {
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(states(report)).containsExactly(START, READY);
        assertThat(report.transitions()).containsExactly(LifecycleTable.FREE);
        assertThat(report.verdict()).as("nobody was judged").isEmpty();
        assertThat(world.calls).doesNotContain(Port.PIN, Port.MARKER_CLAIM);
        assertThat(report.lock()).isInstanceOf(Observation.Absent.class);
        assertThat(report.faults()).isEmpty();
        assertThat(report.summary()).isEqualTo("No other process holds the profile.");
        assertThat(report.advice()).isEmpty();
        assertThat(world.elapsedMillis()).isZero();
    }

    @Test
    @Tag("H26")
    void nothingNativeIsCalledWhenThereIsNoLock() {
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.calls)
                .doesNotContain(Port.PIN, Port.HELPERS_OF, Port.NAMESAKE, Port.CLOCK_SINCE_BOOT, Port.LIFE_LOCK_KEEP);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("H26")
    void aMissingNativeLibraryDoesNotStopALaunchWithoutALock(boolean withMarker) {
        if (withMarker) {
            world.consent(world.process(Scenario.HOLDER));
        }
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                switch (port) {
                    case HOST_READ, PIN, LOOK, HELPERS_OF, NAMESAKE, CLOCK_SINCE_BOOT ->
                        throw new NoClassDefFoundError("com/sun/jna/Native");
                    default -> {}
                }
            }
        };
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).isEmpty();
        assertThat(report.faults()).hasSize(withMarker ? 2 : 1);
    }

    @Test
    void aStaleLockIsRemovedUnderTheLaunchLock() {
        WorldProcess gone = world.process(200);
        world.lockNames(gone);
        world.exit(gone);
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.lock).isInstanceOf(Observation.Absent.class);
        assertThat(world.signals).isEmpty();
        assertThat(report.summary()).contains("process 200").contains("removed");
        assertThat(world.elapsedMillis()).isZero();
    }

    @Test
    @Tag("H21")
    void aStaleLockThatCannotBeRemovedIsHeldWithAdvice() {
        WorldProcess gone = world.process(200);
        world.lockNames(gone);
        world.exit(gone);
        world.lockCanBeRemoved = false;
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.summary()).contains("could not remove it");
        assertThat(report.advice()).isNotEmpty();
    }

    // A holder that consented.

    @Test
    @Tag("H18")
    void aConsentingHolderThatExitsInTheGraceIsNotSignalled() {
        world = Scenario.EXITS_IN_THE_GRACE.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(reaped(report)).isTrue();
        assertThat(world.signals).isEmpty();
        assertThat(report.signals()).isEmpty();
        assertThat(states(report))
                .containsExactly(START, MARKER_CHECK, HOLDER_READ, DECIDE, TEARDOWN_GRACE, PREFLIGHT, READY);
        assertThat(report.timeline().get(4).dwell()).isEqualTo(Duration.ofMillis(700));
        assertThat(world.elapsedMillis()).isEqualTo(700);
        assertThat(report.summary()).contains("ended by itself");
    }

    @Test
    @Tag("H03")
    @Tag("H04")
    void progressExtendsTheGraceAndAHolderThatThenExitsIsNotSignalled() {
        world = Scenario.KEEPS_SAVING_FOR_A_WHILE.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).isEmpty();
        assertThat(states(report))
                .containsExactly(
                        START, MARKER_CHECK, HOLDER_READ, DECIDE, TEARDOWN_GRACE, TEARDOWN_GRACE, PREFLIGHT, READY);
    }

    @Test
    @Tag("H03")
    void theGraceIsExtendedUpToItsBoundAndNotBeyond() {
        world = Scenario.WORKS_FOR_EVER.world();
        LaunchReport report = run(world);
        assertThat(signals(world)).containsExactly("TERM@5000");
        assertThat(states(report))
                .containsExactly(
                        START,
                        MARKER_CHECK,
                        HOLDER_READ,
                        DECIDE,
                        TEARDOWN_GRACE,
                        TEARDOWN_GRACE,
                        TEARDOWN_GRACE,
                        TERM,
                        PREFLIGHT,
                        READY);
    }

    @ParameterizedTest
    @CsvSource({"0, 2000", "700, 1300", "1600, 500", "60000, 500"})
    @Tag("H18")
    void theGraceCountsFromTheConsentAndAtLeastHalfASecondIsObserved(long consentedBefore, long asked) {
        WorldProcess old = world.process(Scenario.HOLDER);
        world.lockNames(old);
        world.consent(old, Duration.ofMillis(consentedBefore));
        old.millisFromTermToExit = 300;

        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);

        assertThat(signals(world)).containsExactly("TERM@" + asked);
    }

    @Test
    @Tag("H03")
    @Tag("H35")
    void aSlowHolderThatConsentedLongAgoIsNotSignalledWhileItMakesProgress() {
        WorldProcess old = world.process(Scenario.HOLDER);
        world.lockNames(old);
        world.consent(old, Duration.ofMinutes(1));
        old.works = true;
        world.after(4800, () -> world.exit(old));

        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);

        assertThat(world.signals).isEmpty();
    }

    @Test
    void aWedgedHolderThatFollowsTheRequestIsNotForced() {
        world = Scenario.OBEYS_TERM.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(report.signals()).containsExactly(new SentSignal(Signal.TERM, 200, SentSignal.Result.DELIVERED, ""));
        assertThat(states(report))
                .containsExactly(START, MARKER_CHECK, HOLDER_READ, DECIDE, TEARDOWN_GRACE, TERM, PREFLIGHT, READY);
        assertThat(reaped(report)).isTrue();
        assertThat(world.elapsedMillis()).isEqualTo(2300);
        assertThat(world.lock).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void aLockOfAContainerThatIsGoneIsRemovedThoughANamesakeOfAnotherHolderLivesElsewhere() {
        world = Scenario.LOCK_OF_A_CONTAINER_THAT_IS_GONE.world();
        world.namesake = Observation.unknown("a process of another namespace has this pid there");
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H35")
    void aHolderThatSaysThatItIsClosingHasTheTimeThatItNamesThoughItDoesNothing() {
        world = Scenario.CLOSES_SLOWLY.world();

        LaunchReport report = run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).isEmpty();
        assertThat(world.elapsedMillis()).isEqualTo(3500);
    }

    @Test
    @Tag("H35")
    void aHolderThatIsStillThereWhenItsOwnTimeIsOverIsAskedAtOnce() {
        WorldProcess old = Scenario.consenting(world);
        world.closes(old, Duration.ofMillis(2600));

        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);

        assertThat(signals(world)).containsExactly("TERM@2600");
    }

    @Test
    @Tag("H35")
    void whateverAHolderSaysTheGraceHasItsBound() {
        world = Scenario.SAYS_THAT_IT_CLOSES_FOR_EVER.world();

        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);

        assertThat(signals(world)).containsExactly("TERM@5000", "KILL@7000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"another pid", "an earlier process", "an earlier boot", "over"})
    @Tag("H35")
    void aNoticeThatIsNotOfThisProcessAndOfNowSaysNothing(String notice) {
        WorldProcess old = Scenario.consenting(world);
        world.closes(old, Duration.ofSeconds(notice.equals("over") ? 1 : 30));
        world.closing = world.closing.map(said -> new ClosingNotice(
                notice.equals("another pid") ? 201 : said.pid(),
                notice.equals("an earlier process") ? "start-0" : said.start(),
                notice.equals("an earlier boot") ? "boot-0" : said.bootId(),
                said.until()));

        run(world);

        assertThat(signals(world)).containsExactly("TERM@2000");
    }

    @Test
    @Tag("H56")
    void anInstanceThatClosesWithoutAnUpdateIsWaitedForWithoutASignal() {
        world = Scenario.CLOSES_WITHOUT_AN_UPDATE.world();
        List<String> waited = new ArrayList<>();

        LaunchReport report = Launches.run(world, new LaunchListener() {
            @Override
            public void waiting(Answer answer) {
                waited.add(answer + "@" + world.elapsedMillis());
            }
        });

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).isEmpty();
        assertThat(world.elapsedMillis()).isEqualTo(2500);
        assertThat(waited).containsExactly("CLOSING@500");
    }

    @Test
    @Tag("H56")
    void anInstanceThatNeverEndsItsCloseIsHeldWhenTheWaitForTheCacheIsOver() {
        world = Scenario.NEVER_ENDS_ITS_CLOSE.world();

        assertThat(run(world).outcome()).isEqualTo(Outcome.HELD);

        assertThat(signals(world)).isEmpty();
        assertThat(world.elapsedMillis())
                .isEqualTo(LaunchPolicy.DEFAULT.cacheRelease().toMillis());
    }

    /** The lock as it is at the last look counts: it was gone when the grace elapsed, and is back when it is read. */
    @Test
    void aHolderWhoseLockWasGoneForAWhileIsAskedIfItIsBackAtTheLastLook() {
        world = Scenario.OBEYS_TERM.world();
        WorldProcess old = world.at(Scenario.HOLDER).orElseThrow();
        world.after(1000, world::removeLock);
        world.hook = before(Port.LOCK_READ, () -> {
            if (world.elapsedMillis() == 2000) {
                world.lockNames(old);
            }
        });
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(world.signals).allMatch(ReceivedSignal::namedByLock).allMatch(ReceivedSignal::consentStood);
    }

    @Test
    void aStoppedHolderIsAskedAndLetRun() {
        world = Scenario.STOPPED.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000", "CONT@2000");
        assertThat(report.signals()).map(SentSignal::signal).containsExactly(Signal.TERM, Signal.CONT);
    }

    @Test
    @Tag("H04")
    void aHolderThatIgnoresTheRequestIsForcedOnceAfterItsTime() {
        world = Scenario.WEDGED.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000", "KILL@4000");
        assertThat(states(report))
                .containsExactly(
                        START,
                        MARKER_CHECK,
                        HOLDER_READ,
                        DECIDE,
                        TEARDOWN_GRACE,
                        TERM,
                        REVALIDATE,
                        KILL,
                        PREFLIGHT,
                        READY);
        assertThat(world.elapsedMillis()).isEqualTo(4000);
        assertThat(report.summary()).contains("ended it by force");
        assertThat(report.holder().toOptional().orElseThrow().pid()).isEqualTo(200);
        assertThat(world.signals).allMatch(ReceivedSignal::namedByLock).allMatch(ReceivedSignal::consentStood);
    }

    @Test
    @Tag("H06")
    void theWedgedParentThatStartedUsIsEnded() {
        world = Scenario.WEDGED_PARENT.world();
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000", "KILL@4000");
    }

    @Test
    @Tag("H17")
    @Tag("H01")
    void forceWithoutEffectIsHeldNotReady() {
        world = Scenario.UNKILLABLE.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(signals(world)).containsExactly("TERM@2000", "KILL@4000");
        assertThat(states(report)).endsWith(KILL, PREFLIGHT, HELD);
        assertThat(world.lock).isInstanceOf(Observation.Seen.class);
        assertThat(world.elapsedMillis()).isEqualTo(9000);
        assertThat(report.summary()).contains("has not exited");
    }

    @Test
    void aHolderThatDiesOfForceWhileTheCacheIsWaitedForIsReadyAfterAll() {
        world = Scenario.UNKILLABLE.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.after(7000, () -> world.exit(old));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(7000);
    }

    @Test
    void aRefusedSignalIsReportedAndTheHolderStaysHeld() {
        Scenario.consenting(world).refusesSignals = true;
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.signals())
                .map(SentSignal::result)
                .containsExactly(SentSignal.Result.REFUSED, SentSignal.Result.REFUSED);
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H14")
    void aStepOfTheWallClockChangesNothing() {
        world = Scenario.WEDGED.world();
        world.stepWallClock(Duration.ofDays(-400));
        world.after(1000, () -> world.stepWallClock(Duration.ofDays(800)));
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000", "KILL@4000");
    }

    @Test
    @Tag("H14")
    void aMonotonicClockThatOverflowsChangesNothing() {
        world = new World(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
        Scenario.wedged(world);
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000", "KILL@4000");
    }

    @Test
    @Tag("H14")
    void sleepOfTheMachineAgesTheMarkerButDoesNotUseUpBudgets() {
        world = Scenario.WEDGED.world();
        world.after(2500, () -> world.suspend(Duration.ofMinutes(10)));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.MARKER_FRESH);
        assertThat(report.timeline().get(4).dwell()).isEqualTo(Duration.ofSeconds(2));
    }

    // A holder that is spared.

    @Test
    @Tag("H01")
    @Tag("H21")
    void aHealthyHolderWithoutAMarkerIsHeldAndNotSignalled() {
        world = Scenario.HEALTHY.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(states(report)).containsExactly(START, MARKER_CHECK, HOLDER_READ, DECIDE, PREFLIGHT, HELD);
        assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.MARKER_PRESENT);
        assertThat(report.holder().toOptional().orElseThrow().pid()).isEqualTo(200);
        assertThat(world.signals).isEmpty();
        assertThat(world.lock.is(new SingletonLock(World.HOST, 200))).isTrue();
        assertThat(world.elapsedMillis())
                .isEqualTo(LaunchPolicy.DEFAULT.unconsentedWait().toMillis());
        assertThat(report.summary()).contains("Process 200").contains("consent");
        assertThat(report.advice()).isNotEmpty();
    }

    @Test
    void aHealthyHolderThatIsClosedWhileTheCacheIsWaitedForIsReady() {
        world = Scenario.HEALTHY.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.after(300, () -> {
            world.removeLock();
            world.exit(old);
        });
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(300);
    }

    @Test
    @Tag("H18")
    void aHolderBesideAConsentThatIsNotForItIsWaitedForTheWholeTime() {
        world = new World();
        world.consent(world.process(200));
        world.lockNames(world.process(201));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.elapsedMillis())
                .isEqualTo(LaunchPolicy.DEFAULT.cacheRelease().toMillis());
        assertThat(world.signals).isEmpty();
    }

    @Test
    void nobodyIsWaitedForLongerThanTheCacheRelease() {
        world = Scenario.HEALTHY.world();
        LaunchPolicy d = LaunchPolicy.DEFAULT;
        LaunchPolicy policy = new LaunchPolicy(
                d.maxMarkerAge(),
                d.launcherWait(),
                d.teardownGrace(),
                d.teardownGraceLimit(),
                d.termGrace(),
                d.killConfirmation(),
                Duration.ofMillis(200),
                Duration.ofMillis(400));
        new LaunchEngine(world.ports(), policy, List.of()).launch();
        assertThat(world.elapsedMillis()).isEqualTo(200);
    }

    /** A wedged, consenting holder, and one thing that is wrong. */
    private enum Flaw {
        UNREADABLE_LOCK(SafetyPredicate.HOLDER_PRESENT, "H22"),
        PID_ONE(SafetyPredicate.PID_IN_RANGE, "H06"),
        PID_ZERO(SafetyPredicate.PID_IN_RANGE, "H06"),
        PID_BEYOND_INT(SafetyPredicate.PID_IN_RANGE, "H06"),
        HOST_UNKNOWN(SafetyPredicate.LOCAL_HOST_KNOWN, "H09"),
        HOST_RENAMED(SafetyPredicate.SAME_HOST, "H09"),
        NO_LAUNCH_LOCK(SafetyPredicate.SOLE_LAUNCHER, "H07"),
        NOT_PINNABLE(SafetyPredicate.PROCESS_PINNED, "H02"),
        DEAD(SafetyPredicate.HOLDER_ALIVE, "H13"),
        SELF(SafetyPredicate.NOT_SELF, "H06"),
        DESCENDANT(SafetyPredicate.NOT_SELF, "H06"),
        LINEAGE_UNKNOWN(SafetyPredicate.NOT_SELF, "H06"),
        OTHER_USER(SafetyPredicate.SAME_USER, "H20"),
        USER_UNKNOWN(SafetyPredicate.SAME_USER, "H12"),
        OTHER_NAMESPACE(SafetyPredicate.SAME_PID_NAMESPACE, "H10"),
        OTHER_INSTANCE(SafetyPredicate.NO_OTHER_INSTANCE, "H30"),
        NO_MARKER(SafetyPredicate.MARKER_PRESENT, "H05"),
        INVALID_MARKER(SafetyPredicate.MARKER_PRESENT, "H05"),
        UNREADABLE_MARKER(SafetyPredicate.MARKER_PRESENT, "H12"),
        MARKER_OF_OTHER_HOST(SafetyPredicate.MARKER_SAME_HOST, "H10"),
        MARKER_OF_OTHER_MACHINE(SafetyPredicate.MARKER_SAME_MACHINE, "H10"),
        MARKER_OF_OTHER_BOOT(SafetyPredicate.MARKER_SAME_BOOT, "H10"),
        MARKER_OF_OTHER_NAMESPACE(SafetyPredicate.MARKER_SAME_PID_NAMESPACE, "H10"),
        MARKER_OF_OTHER_USER(SafetyPredicate.MARKER_SAME_USER, "H05"),
        MARKER_OF_OTHER_PROFILE(SafetyPredicate.MARKER_FOR_PROFILE, "H05"),
        OLD_MARKER(SafetyPredicate.MARKER_FRESH, "H05"),
        MARKER_FROM_THE_FUTURE(SafetyPredicate.MARKER_FRESH, "H05"),
        UPTIME_UNKNOWN(SafetyPredicate.MARKER_FRESH, "H14"),
        MARKER_OF_PREDECESSOR(SafetyPredicate.MARKER_NAMES_HOLDER, "H02"),
        LOCK_REPLACED_AFTER_PIN(SafetyPredicate.LOCK_UNCHANGED, "H02");

        private final SafetyPredicate obstacle;
        private final String hazard;

        Flaw(SafetyPredicate obstacle, String hazard) {
            this.obstacle = obstacle;
            this.hazard = hazard;
        }

        World world() {
            World world = new World();
            WorldProcess old = Scenario.wedged(world);
            switch (this) {
                case UNREADABLE_LOCK -> world.lock = Observation.unknown("it is a plain file");
                case PID_ONE -> world.lock = Observation.seen(new SingletonLock(World.HOST, 1));
                case PID_ZERO -> world.lock = Observation.seen(new SingletonLock(World.HOST, 0));
                case PID_BEYOND_INT -> world.lock = Observation.seen(new SingletonLock(World.HOST, (1L << 32) + 200));
                case HOST_UNKNOWN -> world.host = Observation.unknown("gethostname failed");
                case HOST_RENAMED -> world.host = Observation.seen("laptop");
                case NO_LAUNCH_LOCK -> world.launchLock = LaunchLockOwner.BROKEN;
                case NOT_PINNABLE -> old.pinnable = false;
                case DEAD -> {
                    old.staysZombie = true;
                    world.exit(old);
                }
                case SELF -> {
                    world.lockNames(world.launcher);
                    world.consent(world.launcher);
                }
                case DESCENDANT -> old.parent = world.launcher;
                case LINEAGE_UNKNOWN -> old.lineageKnown = false;
                case OTHER_USER -> old.user = Observation.seen("0");
                case USER_UNKNOWN -> old.user = Observation.unknown("permission denied");
                case OTHER_NAMESPACE -> old.namespace = Observation.seen("pid:[7]");
                case OTHER_INSTANCE -> world.record = Observation.seen(world.recordOf(world.process(300)));
                case NO_MARKER -> world.marker = new MarkerReading.Absent();
                case INVALID_MARKER -> world.marker = new MarkerReading.Invalid("it is torn");
                case UNREADABLE_MARKER -> world.marker = new MarkerReading.Unreadable("permission denied");
                case MARKER_OF_OTHER_HOST -> renameHostAfterMarker(world);
                case MARKER_OF_OTHER_MACHINE -> world.machineId = Observation.seen("machine-2");
                case MARKER_OF_OTHER_BOOT -> world.bootId = Observation.seen("boot-2");
                case MARKER_OF_OTHER_NAMESPACE -> {
                    world.namespace = Observation.seen("pid:[7]");
                    old.namespace = Observation.seen("pid:[7]");
                }
                case MARKER_OF_OTHER_USER -> {
                    world.user = Observation.seen("1001");
                    old.user = Observation.seen("1001");
                }
                case MARKER_OF_OTHER_PROFILE -> world.profile = Observation.seen("a copy");
                case OLD_MARKER ->
                    world.suspend(LaunchPolicy.DEFAULT.maxMarkerAge().plusMillis(1));
                case MARKER_FROM_THE_FUTURE -> world.suspend(Duration.ofMillis(-1));
                case UPTIME_UNKNOWN -> world.uptimeKnown = false;
                case MARKER_OF_PREDECESSOR -> world.recycle(old);
                case LOCK_REPLACED_AFTER_PIN ->
                    world.hook = after(Port.PIN_IDENTITY, () -> world.lockNames(world.process(300)));
            }
            return world;
        }

        private static void renameHostAfterMarker(World world) {
            world.host = Observation.seen("laptop");
            world.lock = Observation.seen(new SingletonLock("laptop", 200));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H02")
    @Tag("H05")
    @Tag("H06")
    @Tag("H09")
    @Tag("H10")
    @Tag("H12")
    @Tag("H20")
    @Tag("H22")
    void oneFlawInTheProofIsEnoughToSpareTheHolder(Flaw flaw) {
        world = flaw.world();
        LaunchReport report = run(world);
        assertThat(world.signals).as(flaw.hazard).isEmpty();
        assertThat(report.signals()).isEmpty();
        assertThat(sparedFor(report)).isEqualTo(flaw.obstacle);
        assertThat(states(report)).startsWith(SPARED).hasSize(SPARED.length + 1);
        assertThat(report.outcome()).isEqualTo(flaw == Flaw.DEAD ? Outcome.READY : Outcome.HELD);
        assertThat(report.faults()).isEmpty();
        assertThat(world.elapsedMillis())
                .isLessThanOrEqualTo(LaunchPolicy.DEFAULT.total().toMillis());
    }

    @Test
    void everyPredicateIsMadeToFailByOneOfTheFlaws() {
        assertThat(Stream.of(Flaw.values()).map(flaw -> flaw.obstacle)).containsAll(List.of(SafetyPredicate.values()));
    }

    @Test
    @Tag("H12")
    void aHolderThatCannotBePinnedButIsClosedIsSeenAtTheEndOfTheBudget() {
        world = Scenario.HEALTHY.world();
        WorldProcess old = world.at(200).orElseThrow();
        old.pinnable = false;
        world.after(300, () -> world.exit(old));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis())
                .isEqualTo(LaunchPolicy.DEFAULT.unconsentedWait().toMillis());
    }

    @Test
    @Tag("H10")
    void aDeadPidThatIsAliveInAnotherNamespaceIsHeldAndItsLockKept() {
        world = Scenario.STALE_LOCK.world();
        World elsewhere = new World();
        elsewhere.process(200);
        world.namesake = elsewhere.ports().processes().look(200);
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.lock).isInstanceOf(Observation.Seen.class);
        assertThat(report.summary()).contains("another PID namespace");
    }

    // The world moves.

    @Test
    @Tag("H02")
    void aNewcomerUnderTheSamePidIsNotForced() {
        world = Scenario.WEDGED.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.after(3000, () -> world.recycle(old));
        LaunchReport report = run(world);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(world.signals.get(0).receiver()).isSameAs(old);
        assertThat(report.outcome()).as("the newcomer holds the lock by number").isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H02")
    void aNewcomerThatComesAfterTheLastLookIsNotHitByForce() {
        world = Scenario.WEDGED.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.hook = before(Port.PIN_FORCE_EXIT, () -> world.recycle(old));
        LaunchReport report = run(world);
        assertThat(world.signals).filteredOn(ReceivedSignal::reached).hasSize(1);
        assertThat(report.signals()).contains(new SentSignal(Signal.KILL, 200, SentSignal.Result.GONE, ""));
        assertThat(world.at(200).orElseThrow().isAlive()).isTrue();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H08")
    @Tag("H02")
    void theOldPinsPidWithANewHealthyHolderOfTheLockIsHeldAndTheLockUntouched() {
        world = Scenario.EXITS_IN_THE_GRACE.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.hook = before(Port.CLOCK_POLL, () -> {
            if (!old.isAlive() && world.at(200).isEmpty()) {
                world.lockNames(world.process(200));
            }
        });
        LaunchReport report = run(world);
        assertThat(world.signals).isEmpty();
        assertThat(world.liveHolder().orElseThrow()).isNotSameAs(old);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    void aLockTakenByANewHealthyInstanceAfterTheOldOneDiedIsHeld() {
        world = Scenario.OBEYS_TERM.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.after(2200, () -> {
            world.exit(old);
            world.lockNames(world.process(300));
        });
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(world.liveHolder().orElseThrow().pid).isEqualTo(300);
        assertThat(report.holder().toOptional().orElseThrow().pid()).isEqualTo(300);
    }

    @Test
    @Tag("H05")
    void aConsentWithdrawnDuringTheGraceSpares() {
        world = Scenario.WEDGED.world();
        world.after(1000, world::withdrawConsent);
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.signals).isEmpty();
        assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.MARKER_PRESENT);
        assertThat(states(report))
                .containsExactly(START, MARKER_CHECK, HOLDER_READ, DECIDE, TEARDOWN_GRACE, PREFLIGHT, HELD);
    }

    @Test
    @Tag("H05")
    void aConsentWithdrawnAfterTheRequestSparesTheHolderForce() {
        world = Scenario.WEDGED.world();
        world.after(3000, world::withdrawConsent);
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(states(report)).endsWith(TERM, REVALIDATE, PREFLIGHT, HELD);
        assertThat(report.summary()).contains("SIGTERM");
    }

    @Test
    void aLockReplacedDuringTheGraceSpares() {
        world = Scenario.WEDGED.world();
        world.after(1000, () -> world.lockNames(world.process(300)));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.signals).isEmpty();
        assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.LOCK_UNCHANGED);
    }

    @Test
    @Tag("H13")
    void aHolderThatBecomesAZombieCountsAsExited() {
        world = Scenario.OBEYS_TERM.world();
        world.at(200).orElseThrow().staysZombie = true;
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(signals(world)).containsExactly("TERM@2000");
        assertThat(world.elapsedMillis()).isEqualTo(2300);
        assertThat(world.at(200).orElseThrow().isAlive()).isFalse();
    }

    @Test
    @Tag("H13")
    void anUnreapedZombieInTheLockIsStale() {
        world = Scenario.ZOMBIE.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).isEmpty();
        assertThat(world.elapsedMillis()).isZero();
    }

    /** Found by the exploration: each look pinned the zombie anew and was told at once that it had exited. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("H13")
    void aZombieWhoseLockMustStayIsHeldWithoutTurningInCircles(boolean withLaunchLock) {
        world = Scenario.ZOMBIE.world();
        world.lockCanBeRemoved = false;
        world.launchLock = withLaunchLock ? LaunchLockOwner.NOBODY : LaunchLockOwner.BROKEN;
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.elapsedMillis()).isEqualTo(3000);
        assertThat(world.calls).hasSizeLessThan(100);
    }

    @Test
    void aSignalThatNoReadingOfTheFactsClearedIsRefused() {
        world = Scenario.WEDGED.world();
        HolderControl holder = holderControl();
        assertThatThrownBy(holder::requestExit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(holder::forceExit).isInstanceOf(IllegalStateException.class);
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H18")
    void aReadingOfTheFactsClearsOneSignalAndNoneAfterAFault() {
        world = Scenario.WEDGED.world();
        HolderControl holder = holderControl();
        holder.readFacts();
        holder.forget();
        assertThatThrownBy(holder::forceExit).isInstanceOf(IllegalStateException.class);
        assertThat(world.signals).isEmpty();

        holder.readFacts();
        assertThat(holder.requestExit()).isTrue();
        assertThatThrownBy(holder::forceExit).isInstanceOf(IllegalStateException.class);
        assertThat(signals(world)).containsExactly("TERM@0");
    }

    private HolderControl holderControl() {
        ProfilePorts ports = world.ports();
        Journal journal = new Journal(ports.clock(), List.of());
        Consent consent = new Consent(ports.markers());
        consent.claim();
        return new HolderControl(
                ports,
                LaunchPolicy.DEFAULT.maxMarkerAge(),
                Verdict.ALL_PREDICATES,
                () -> Observation.seen("this launcher holds the launch lock"),
                consent,
                journal,
                new Delivery(journal),
                () -> {});
    }

    @Test
    void aLockRemovedByTheOutgoingHolderIsNotTakenBeforeItHasExited() {
        world = Scenario.LOCK_GOES_BEFORE_ITS_HOLDER.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).isEmpty();
        assertThat(world.elapsedMillis()).isEqualTo(1500);
    }

    @Test
    void aConsentingProcessThatLetGoOfItsLockBeforeTheLaunchHasItsTimeToExit() {
        WorldProcess old = world.process(200);
        world.consent(old);
        world.after(900, () -> world.exit(old));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(900);
        assertThat(world.signals).isEmpty();
    }

    @Test
    void aConsentingProcessThatLetGoOfItsLockAndNeverExitsDoesNotStopTheLaunch() {
        world.consent(world.process(200));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(3000);
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H05")
    void aNewcomerUnderTheConsentingPidIsNotWaitedFor() {
        WorldProcess old = world.process(200);
        world.consent(old);
        world.recycle(old);
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isZero();
    }

    @Test
    @Tag("H04")
    void aHolderThatExitsJustBeforeTheRequestIsNotWaitedForInVain() {
        world = Scenario.WEDGED.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.hook = before(Port.PIN_REQUEST_EXIT, () -> world.exit(old));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(2000);
    }

    @ParameterizedTest
    @EnumSource(
            value = Port.class,
            names = {"LOCK_READ", "MARKER_READ_CLAIM", "HOST_READ"})
    void aHolderThatExitsWhileTheFactsAreReadAfreshIsNotWaitedForInVain(Port port) {
        world = Scenario.WEDGED.world();
        WorldProcess old = world.at(200).orElseThrow();
        world.hook = before(port, () -> {
            if (world.elapsedMillis() >= 2000) {
                world.exit(old);
            }
        });
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(2000);
        assertThat(world.signals).filteredOn(ReceivedSignal::reached).isEmpty();
    }

    /** The lock reappears after it was seen to be free and before the launch is over: what was seen last counts. */
    @Test
    @Tag("H01")
    void aLockThatIsTakenWhileTheCacheIsBeingLookedAtIsNotOverlooked() {
        WorldProcess old = world.process(200);
        world.lockNames(old);
        world.after(1000, () -> {
            world.exit(old);
            world.removeLock();
        });
        world.hook = new CallHook() {
            private boolean done;

            @Override
            public void afterCall(Port port, int index) {
                if (port == Port.LOCK_READ && !done && world.lock instanceof Observation.Absent) {
                    done = true;
                    world.lockNames(world.process(300));
                }
            }
        };
        LaunchReport report = run(world);
        assertThat(world.liveHolder()).isPresent();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
    }

    /** The same, but the look that would have seen the new holder breaks: the earlier look must not stand. */
    @Test
    @Tag("H01")
    void aLockThatIsTakenWhileTheNextLookBreaksIsNotOverlooked() {
        WorldProcess old = world.process(200);
        world.lockNames(old);
        world.after(400, () -> {
            world.exit(old);
            world.removeLock();
        });
        world.hook = new CallHook() {
            private boolean taken;

            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HOST_READ && taken) {
                    throw new IllegalStateException("broken");
                }
            }

            @Override
            public void afterCall(Port port, int index) {
                if (port == Port.LOCK_READ && !taken && world.lock instanceof Observation.Absent) {
                    taken = true;
                    world.lockNames(world.process(300));
                }
            }
        };
        LaunchReport report = run(world);
        assertThat(world.liveHolder()).isPresent();
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
    }

    // Other launchers.

    @Test
    @Tag("H07")
    void anotherLauncherIsWaitedForAndEverythingIsReadAfterIt() {
        WorldProcess healthy = world.process(300);
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.after(1000, () -> {
            world.lockNames(healthy);
            world.anotherLauncherEnds();
        });
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(states(report)).startsWith(START, MARKER_CHECK, HOLDER_READ);
        assertThat(report.timeline()
                        .get(0)
                        .dwell()
                        .plus(report.timeline().get(1).dwell()))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(report.lock().is(new SingletonLock(World.HOST, 300))).isTrue();
    }

    @Test
    @Tag("H07")
    void aReleasedLaunchLockLetsTheLaunchGoOnAtOnce() {
        world = Scenario.ANOTHER_LAUNCHER_ENDS.world();
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(1000);
    }

    @Test
    @Tag("H07")
    void aLaunchLockThatIsNotReleasedIsHeldAndTheMarkerIsNotTouched() {
        world = Scenario.ANOTHER_LAUNCHER_STAYS.world();
        MarkerReading before = world.marker;
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.SOLE_LAUNCHER);
        assertThat(world.signals).isEmpty();
        assertThat(world.marker).isSameAs(before);
        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
        assertThat(world.calls).doesNotContain(Port.MARKER_CLAIM, Port.MARKER_DISCARD_CLAIM, Port.LOCK_REMOVE);
        assertThat(world.elapsedMillis()).isEqualTo(4000);
        assertThat(report.summary()).contains("another launcher");
    }

    @Test
    @Tag("H07")
    void aLaunchLockThatIsNotReleasedIsHeldEvenWithoutAnyLock() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        assertThat(run(world).outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H07")
    @Tag("H45")
    void aLauncherThatIsStoppedWithTheLaunchLockIsNamedWithTheCommandThatResumesIt() {
        WorldProcess other = world.process(300);
        other.state = ExecutionState.STOPPED;
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.launchLockOwner = Observation.seen(other.pid);
        assertThat(run(world).summary())
                .contains("process 300 has the launch lock and is stopped; this command resumes it: kill -CONT 300");
        other.state = ExecutionState.RUNNING;
        assertThat(run(world).summary())
                .contains("process 300 has the launch lock")
                .doesNotContain("kill -CONT");
    }

    @Test
    @Tag("H07")
    void aLaunchThatBreaksWhileItWaitsForAnotherLauncherIsNotReadyEvenWithoutAnyLock() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        breakAt(Port.CLOCK_POLL, 1);
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.faults()).hasSize(1);
    }

    /** The request itself was answered: not at once. */
    @Test
    @Tag("H07")
    void whereTheLaunchLockCanNoLongerBeAskedARequestThatWasNotGrantedCountsAsAnotherLauncher() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        breakAt(Port.CLOCK_POLL, 1);
        breakAt(Port.LAUNCH_LOCK_PROBE, Integer.MAX_VALUE);
        assertThat(run(world).outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    @Tag("H07")
    void anotherLauncherThatComesWhenTheCacheWasFoundFreeIsSeen() {
        assertThat(ExploredRun.replay("STALE_LOCK 4:THE_PORT_BREAKS 9:OUR_LAUNCH_IS_ABANDONED"
                                + " 15:OUR_LAUNCH_IS_ABANDONED 16:THE_LOCK_IS_REMOVED 18:ANOTHER_LAUNCHER_APPEARS")
                        .violations())
                .isEmpty();
        assertThat(ExploredRun.replay("OBEYS_TERM 4:THE_PORT_BREAKS 18:THE_LOCK_IS_REMOVED"
                                + " 20:ANOTHER_LAUNCHER_APPEARS 21:HOLDER_EXITS")
                        .violations())
                .isEmpty();
    }

    /** Nobody can tell whether another process has got its pid: a process may change its user. */
    @Test
    @Tag("H42")
    void oneThatConsentedAndHasChangedItsUserMayStillHaveItsFilesOpen() {
        assertThat(ExploredRun.replay("LETS_GO_OF_ITS_LOCK_BUT_NOT_OF_ITS_FILES 28:HOLDER_CHANGES_ITS_USER"
                                + " 38:OUR_LAUNCH_IS_ABANDONED 40:THE_PORT_CANNOT_TELL")
                        .violations())
                .isEmpty();
    }

    @Test
    @Tag("H42")
    void aConsentThatCannotBeReadMayBeOfOneThatStillHasItsFilesOpen() {
        world.marker = new MarkerReading.Unreadable("Input/output error");

        LaunchReport report = run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.summary()).contains("the consent marker cannot be read (Input/output error)");
    }

    @Test
    @Tag("H42")
    void whereTheConsentCannotBeReadAgainAfterItWasClaimedWhoeverGaveItMayStillHaveItsFilesOpen() {
        assertThat(ExploredRun.replay(
                                "LETS_GO_OF_ITS_LOCK_BUT_NOT_OF_ITS_FILES 6+:THE_PORT_BREAKS 16:THE_PORT_CANNOT_TELL")
                        .violations())
                .isEmpty();
    }

    @Test
    @Tag("H07")
    void aLaunchThatBreaksBeforeItAsksForTheLaunchLockLooksWhetherAnotherHasIt() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        breakAt(Port.LAUNCH_LOCK_REQUEST, 1);
        assertThat(run(world).outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H26")
    void aLaunchLockThatIsBrokenInEveryWayStopsNoLaunch() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        breakAt(Port.LAUNCH_LOCK_REQUEST, 1);
        breakAt(Port.LAUNCH_LOCK_PROBE, Integer.MAX_VALUE);
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H26")
    void withoutAnyLaunchLockAndWithoutALockTheLaunchIsReady() {
        world = Scenario.NO_LAUNCH_LOCK_POSSIBLE.world();
        assertThat(Launches.runAndKeepHold(world).hold()).isNull();
        assertThat(run(world).outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H08")
    void withoutAnyLaunchLockAStaleLockIsNotRemoved() {
        world = Scenario.STALE_LOCK.world();
        world.launchLock = LaunchLockOwner.BROKEN;
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.lock).isInstanceOf(Observation.Seen.class);
        assertThat(world.calls).doesNotContain(Port.LOCK_REMOVE);
    }

    /** Lets the first so many calls of the port break. */
    private void breakAt(Port broken, int calls) {
        CallHook before = world.hook;
        world.hook = new CallHook() {

            private int left = calls;

            @Override
            public void beforeCall(Port port, int index) {
                before.beforeCall(port, index);
                if (port == broken && left-- > 0) {
                    throw new IllegalStateException("broken");
                }
            }
        };
    }

    // Helpers.

    @Test
    @Tag("H16")
    void helpersThatOutliveTheHolderAreWaitedFor() {
        world = Scenario.HELPER_LETS_GO.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.survivors()).isEmpty();
        assertThat(world.elapsedMillis()).isEqualTo(4800);
    }

    @Test
    @Tag("H16")
    void helpersThatSurviveAreHeldAndReported() {
        world = Scenario.HELPER_STAYS.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.survivors()).containsExactly(201L);
        assertThat(report.summary()).contains("201");
        assertThat(signals(world)).containsExactly("TERM@2000", "KILL@4000");
    }

    @Test
    @Tag("H16")
    void stoppedHelpersAreLetRunOnlyAfterTheHoldersExitWasSeen() {
        WorldProcess old = Scenario.wedged(world);
        old.state = ExecutionState.STOPPED;
        WorldProcess helper = Scenario.helperOf(old, world, 201);
        helper.state = ExecutionState.STOPPED;
        world.after(4500, () -> world.exit(helper));
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals)
                .map(signal -> signal.signal() + " " + signal.receiver().pid + "@" + signal.atMillis())
                .containsExactly("TERM 200@2000", "CONT 200@2000", "KILL 200@4000", "CONT 201@4000");
    }

    @Test
    @Tag("H16")
    @Tag("H17")
    void helpersOfAHolderThatDoesNotDieAreLeftAlone() {
        world = Scenario.UNKILLABLE.world();
        WorldProcess helper = Scenario.helperOf(world.at(200).orElseThrow(), world, 201);
        helper.state = ExecutionState.STOPPED;
        assertThat(run(world).outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.signals).noneMatch(signal -> signal.receiver() == helper);
    }

    @Test
    @Tag("H04")
    @Tag("H16")
    void stoppedHelpersOfTheSameSessionAreResumedRightAfterTheRequest() {
        world = Scenario.WEDGED.world();
        WorldProcess helper = Scenario.helperOf(world.at(200).orElseThrow(), world, 201);
        helper.hasFilesOpen = false;
        helper.sharesSession = true;
        helper.state = ExecutionState.STOPPED;
        run(world);
        assertThat(world.signals)
                .extracting(signal -> signal.signal() + " " + signal.receiver().pid)
                .startsWith("TERM 200", "CONT 201");
        assertThat(helper.state).isEqualTo(ExecutionState.RUNNING);
        assertThat(world.open).isEmpty();
    }

    @Test
    @Tag("H06")
    void ourOwnLineIsNoHelperOfTheOldInstance() {
        world = Scenario.WEDGED_PARENT.world();
        world.launcher.hasFilesOpen = true;
        Scenario.helperOf(world.launcher, world, 101);
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.survivors()).isEmpty();
        assertThat(world.launcher.isAlive()).isTrue();
    }

    // All of them.

    @ParameterizedTest
    @EnumSource
    void everyScenarioEndsAsItShouldWithinItsBudget(Scenario scenario) {
        world = scenario.world();
        LaunchReport report = run(world);
        assertThat(report.outcome()).isEqualTo(scenario.outcome);
        assertThat(world.elapsedMillis())
                .isLessThanOrEqualTo(LaunchPolicy.DEFAULT.total().toMillis());
        Launches.assertOnlyConsentingHoldersWereHit(world);
        assertThat(world.signals)
                .filteredOn(signal -> signal.signal() == Signal.TERM)
                .hasSizeLessThan(2);
        assertThat(world.signals)
                .filteredOn(signal -> signal.signal() == Signal.KILL)
                .hasSizeLessThan(2);
        assertThat(report.signals()).hasSameSizeAs(world.signals);
        assertThat(report.outcome().name())
                .isEqualTo(states(report).get(states(report).size() - 1).name());
        assertThat(report.summary()).isNotBlank();
        assertThat(report.advice().isEmpty()).isEqualTo(report.outcome() == Outcome.READY);
        Optional<Verdict> verdict = report.verdict();
        assertThat(verdict.isEmpty())
                .as("nobody was judged where nobody was there, and only there")
                .isEqualTo(report.transitions().equals(List.of(LifecycleTable.FREE)));
        verdict.ifPresent(judged -> assertThat(judged.results()).hasSameSizeAs(SafetyPredicate.values()));
    }

    @ParameterizedTest
    @EnumSource
    void everyScenarioRunsTheSameWayTwice(Scenario scenario) {
        assertThat(run(scenario.world())).isEqualTo(run(scenario.world()));
    }

    private static CallHook before(Port wanted, Runnable move) {
        return new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == wanted) {
                    move.run();
                }
            }
        };
    }

    private static CallHook after(Port wanted, Runnable move) {
        return new CallHook() {
            private boolean done;

            @Override
            public void afterCall(Port port, int index) {
                if (port == wanted && !done) {
                    done = true;
                    move.run();
                }
            }
        };
    }
}
