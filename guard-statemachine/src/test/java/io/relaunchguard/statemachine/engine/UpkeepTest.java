package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a launch asks for, keeps open, looks at again and tells, beyond what decides how it ends. */
class UpkeepTest {

    private World world = new World();

    // The launch lock.

    @Test
    @Tag("H07")
    void theLaunchLockIsNotTakenAnyMoreOnceItWasWaitedForInVain() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.hook = before(Port.MARKER_PEEK, world::anotherLauncherEnds);
        List<LaunchLockOwner> owners = new ArrayList<>();

        LaunchReport report =
                Launches.run(world, whenEntered(LifecycleState.HOLDER_READ, () -> owners.add(world.launchLock)));

        assertThat(owners).containsExactly(LaunchLockOwner.NOBODY);
        assertThat(report.outcome())
                .as("without the lock there is no permit, though nobody has it any more")
                .isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H07")
    void aLaunchLockThatIsGrantedAtTheLastMomentIsTaken() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.hook = new CallHook() {
            @Override
            public void afterCall(Port port, int index) {
                if (port == Port.CLOCK_POLL && world.elapsedMillis() == 4000) {
                    world.anotherLauncherEnds();
                }
            }
        };

        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(4000);
        assertThat(world.calls).contains(Port.MARKER_CLAIM);
    }

    @Test
    @Tag("H07")
    void aLaunchThatBreaksWhileItWaitsForTheLaunchLockAsksForItNoLonger() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        // The time is up: the clock breaks once, before the request is given up.
        boolean[] broken = {false};
        world.hook = before(Port.CLOCK_NANO_TIME, () -> {
            if (world.elapsedMillis() == 4000 && !broken[0]) {
                broken[0] = true;
                throw new IllegalStateException("broken");
            }
        });

        LaunchReport report = Launches.run(world);

        assertThat(report.faults()).hasSize(1);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.calls.indexOf(Port.WATCH_CLOSE)).isLessThan(world.calls.indexOf(Port.LAUNCH_LOCK_PROBE));
    }

    // Pins and watches.

    @Test
    void aFreeProfileIsNotWatched() {
        Launches.run(world);

        assertThat(world.calls).doesNotContain(Port.LOCK_WATCH);
    }

    @Test
    void everyWatchOfTheProfileIsClosedOnce() {
        world = Scenario.HEALTHY.world();
        Launches.run(world);

        assertThat(Collections.frequency(world.calls, Port.LOCK_WATCH)).isEqualTo(1);
        // That of the launch lock, which was granted at once, and that of the profile.
        assertThat(Collections.frequency(world.calls, Port.WATCH_CLOSE)).isEqualTo(2);
    }

    @Test
    @Tag("H01")
    void theExitOfAHolderThatNobodyAskedToGoIsNoticedAtOnce() {
        world = Scenario.HEALTHY.world();
        WorldProcess holder = world.at(Scenario.HOLDER).orElseThrow();
        world.after(300, () -> world.exit(holder));

        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(300);
    }

    @Test
    @Tag("H01")
    void theExitOfAnInstanceThatCameLaterIsNoticedAtOnce() {
        world = Scenario.HEALTHY.world();
        WorldProcess later = world.process(300);
        world.after(100, () -> world.lockNames(later));
        world.after(300, () -> world.exit(later));

        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(300);
    }

    @Test
    @Tag("H02")
    void whoTakesThePidOfAHolderThatWasWatchedIsPinnedAnew() {
        world = Scenario.HEALTHY.world();
        WorldProcess holder = world.at(Scenario.HOLDER).orElseThrow();
        world.after(100, () -> world.lockNames(world.recycle(holder)));
        List<Integer> pins = new ArrayList<>();
        world.after(400, () -> pins.add(openPins()));

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.holder().toOptional().orElseThrow().start()).isNotEqualTo(holder.start);
        assertThat(pins)
                .as("the first pin of the facts, and one of the process that has the lock")
                .containsExactly(2);
    }

    @Test
    void aProcessThatIsNotTheMakerOfAStaleLockIsLetGoBeforeTheLockIsRemoved() {
        world = Scenario.PID_TAKEN_AFTER_AN_EARLIER_BOOT.world();
        List<Integer> pins = new ArrayList<>();
        world.hook = before(Port.LOCK_REMOVE, () -> pins.add(openPins()));

        Launches.run(world);

        assertThat(pins).as("that of the facts").containsExactly(1);
    }

    @Test
    @Tag("H10")
    @Tag("H13")
    void aZombieThatCannotBePinnedIsNoHolderButANamesakeElsewhereMayBe() {
        world = Scenario.ZOMBIE.world();
        world.at(Scenario.HOLDER).orElseThrow().pinnable = false;
        world.namesake = Observation.unknown("a process of another namespace has this pid there");

        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.HELD);
    }

    // Waiting.

    @Test
    @Tag("H18")
    void aHolderThatExitsBeforeTheGraceBeginsIsNotWaitedFor() {
        world = Scenario.WEDGED.world();
        WorldProcess holder = world.at(Scenario.HOLDER).orElseThrow();

        LaunchReport report = Launches.run(world, whenEntered(LifecycleState.TEARDOWN_GRACE, () -> world.exit(holder)));

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isZero();
    }

    @Test
    @Tag("H18")
    void aHolderWhoseExitIsToldOfWhileItsFactsAreReadIsNotWaitedForEither() {
        world = Scenario.WEDGED.world();
        WorldProcess holder = world.at(Scenario.HOLDER).orElseThrow();
        // It was seen alive; by the time the grace begins the news of its exit has been taken from the mailbox.
        world.hook = before(Port.MARKER_READ_CLAIM, () -> world.exit(holder));

        LaunchReport report = Launches.run(world);

        assertThat(Launches.states(report)).contains(LifecycleState.TEARDOWN_GRACE);
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isZero();
    }

    @Test
    @Tag("H16")
    void aHelperThatComesAfterTheRequestIsAwaitedTooBesideOneThatIsKnown() {
        WorldProcess old = Scenario.wedged(world);
        WorldProcess known = Scenario.helperOf(old, world, 201);
        world.after(3000, () -> Scenario.helperOf(old, world, 202));
        world.after(4100, () -> world.exit(known));
        world.after(4500, () -> world.exit(world.at(202).orElseThrow()));

        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
        assertThat(world.elapsedMillis()).isEqualTo(4500);
    }

    // What was seen, or raised, and counts no more.

    @Test
    @Tag("H01")
    void aCacheThatIsTakenAgainBeforeItsTurnIsLookedAtOnceMoreAndHeld() {
        world = Scenario.HEALTHY.world();
        world.after(300, world::removeLock);
        world.hook = onceAtTheNextLook(() -> world.lockNames(world.process(300)));

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.holder().map(ProcessIdentity::pid).is(300L)).isTrue();
        assertThat(report.faults()).isEmpty();
        assertThat(lastRows(report))
                .containsExactly("PREFLIGHT CACHE_FREE OTHERWISE PREFLIGHT", "PREFLIGHT WAIT_ELAPSED OTHERWISE HELD");
        assertThat(world.elapsedMillis()).as("its wait does not begin anew").isEqualTo(300);
    }

    @Test
    void aCacheThatIsTakenAgainIsWatchedWhileWhoeverTookItCloses() {
        world = Scenario.HEALTHY.world();
        world.after(300, world::removeLock);
        world.hook = onceAtTheNextLook(() -> {
            WorldProcess newcomer = world.process(300);
            world.lockNames(newcomer);
            world.closes(newcomer, Duration.ofSeconds(2));
        });
        world.after(400, world::removeLock);

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(lastRows(report))
                .containsExactly("PREFLIGHT CACHE_FREE OTHERWISE PREFLIGHT", "PREFLIGHT CACHE_FREE STILL_FREE READY");
        assertThat(world.elapsedMillis()).isEqualTo(400);
    }

    @Test
    @Tag("H26")
    void aFaultOutdoesWhatItsStateHasRaisedBefore() {
        world = Scenario.HEALTHY.world();
        world.after(300, world::removeLock);
        CallHook breaksAtTheLookAfter = before(Port.LOCK_READ, () -> {
            world.hook = new CallHook() {};
            broken();
        });
        world.hook = onceAtTheNextLook(() -> {
            world.profileChanged();
            world.hook = breaksAtTheLookAfter;
        });

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.faults()).hasSize(1);
        assertThat(lastRows(report))
                .containsExactly("DECIDE DECIDED OTHERWISE PREFLIGHT", "PREFLIGHT FAULT STILL_FREE READY");
    }

    /** Once the lock has been seen to be gone, at 300 ms. */
    private CallHook onceAtTheNextLook(Runnable move) {
        boolean[] due = {true};
        return before(Port.RECORD_READ, () -> {
            if (due[0] && world.elapsedMillis() == 300) {
                due[0] = false;
                move.run();
            }
        });
    }

    private static List<String> lastRows(LaunchReport report) {
        List<String> rows = report.transitions().stream()
                .map(row -> "%s %s %s %s".formatted(row.source(), row.event(), row.guard(), row.target()))
                .toList();
        return rows.subList(rows.size() - 2, rows.size());
    }

    // Telling.

    @Test
    @Tag("H16")
    void theReportTellsOfHelpersThatWereResumed() {
        WorldProcess old = Scenario.wedged(world);
        WorldProcess ofItsSession = Scenario.helperOf(old, world, 201);
        ofItsSession.hasFilesOpen = false;
        ofItsSession.sharesSession = true;
        ofItsSession.state = ExecutionState.STOPPED;
        WorldProcess withFiles = Scenario.helperOf(old, world, 202);
        withFiles.state = ExecutionState.STOPPED;
        world.after(4500, () -> world.exit(withFiles));

        assertThat(Launches.run(world).signals())
                .extracting(sent -> sent.signal() + " " + sent.pid())
                .containsExactly("TERM 200", "CONT 201", "KILL 200", "CONT 202");
    }

    @Test
    @Tag("H26")
    void aMachineThatBreaksIsReadyOnlyWithoutALock() {
        world.hook = before(Port.CLOCK_POLL, UpkeepTest::broken);
        LaunchReport free = Launches.run(world);
        world = Scenario.HEALTHY.world();
        world.hook = before(Port.CLOCK_POLL, UpkeepTest::broken);
        LaunchReport locked = Launches.run(world);

        assertThat(free.outcome()).isEqualTo(Outcome.READY);
        assertThat(Launches.states(free)).endsWith(LifecycleState.READY);
        assertThat(locked.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(Launches.states(locked)).endsWith(LifecycleState.FAILED);
    }

    @Test
    @Tag("H26")
    void aLaunchThatIsInterruptedIsFailedEvenWithoutALockAndTheInterruptIsKept() {
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.after(1000, () -> {
            world.launchLock = LaunchLockOwner.NOBODY;
            Thread.currentThread().interrupt();
        });

        LaunchReport report = Launches.run(world);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.faults()).hasSize(1);
    }

    @Test
    void aLaunchCanBeAbandonedUntilItHasEnded() {
        Launch early = new Launch(world.ports(), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of());
        Launch late = new Launch(world.ports(), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of());
        late.run();

        assertThat(early.abandon()).isTrue();
        assertThat(late.abandon()).isFalse();
    }

    @Test
    @Tag("H26")
    void theReportTellsOfWhatBrokeOnlyInTheTelling() {
        // Without a lock its time is asked for by nobody but the report.
        world.hook = before(Port.LOCK_SINCE, UpkeepTest::broken);

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.faults()).singleElement().asString().contains("broken");
    }

    @Test
    @Tag("H26")
    void theReportTellsOfAProfileThatCannotBeWatched() {
        world = Scenario.HEALTHY.world();
        world.hook = before(Port.LOCK_WATCH, UpkeepTest::broken);

        LaunchReport report = Launches.run(world);

        assertThat(report.faults()).hasSize(1);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H12")
    @Tag("H26")
    void aLockThatCannotEvenBeLookedForIsNoAbsentLock() {
        world.hook = before(Port.LOCK_READ, UpkeepTest::broken);

        LaunchReport report = Launches.run(world);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.faults())
                .as("in START, in PREFLIGHT, and when it was looked for")
                .hasSize(3);
    }

    @Test
    void aDepartingProcessIsLetGoWhenItHasGone() {
        world = Scenario.LOCK_GOES_BEFORE_ITS_HOLDER.world();

        assertThat(Launches.run(world).outcome()).isEqualTo(Outcome.READY);
    }

    private static void broken() {
        throw new IllegalStateException("broken");
    }

    private int openPins() {
        return (int) world.open.stream().filter(PinnedProcess.class::isInstance).count();
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

    private static LaunchListener whenEntered(LifecycleState wanted, Runnable action) {
        return new LaunchListener() {
            @Override
            public void entered(LifecycleState state) {
                if (state == wanted) {
                    action.run();
                }
            }
        };
    }
}
