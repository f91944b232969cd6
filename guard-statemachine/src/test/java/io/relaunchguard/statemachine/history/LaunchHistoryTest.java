package io.relaunchguard.statemachine.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a launch leaves in the history, and that it never suffers from it. */
class LaunchHistoryTest {

    @ParameterizedTest
    @EnumSource
    void everyLaunchLeavesOneLineAndOneOfItsBeginningIfItDidNotEndAtOnce(Scenario scenario) {
        World world = scenario.world();
        LaunchReport report = launch(world);
        assertThat(history(world).recent(10)).containsExactly(HistoryRecord.of(report));
        boolean endedAtOnce = report.timeline().size() == 2;
        assertThat(world.historyLines).hasSize(endedAtOnce ? 1 : 2);
        assertThat(history(world).takeUnfinished(world.ports().host(), gone()))
                .as("it has ended")
                .isEmpty();
    }

    @Test
    void aLaunchThatBrokeLeavesALineToo() {
        World world = Scenario.WEDGED.world();
        failAt(world, Port.CLOCK_POLL, () -> {
            throw new IllegalStateException("no clock");
        });
        LaunchReport report = launch(world);
        assertThat(history(world).recent(10)).containsExactly(HistoryRecord.of(report));
        assertThat(history(world).recent(10).get(0).faults()).isNotEmpty();
    }

    @Test
    void anInterruptedLaunchLeavesALineToo() {
        World world = Scenario.HEALTHY.world();
        Thread.currentThread().interrupt();
        LaunchReport report = launch(world);
        assertThat(Thread.interrupted()).as("the caller is told").isTrue();
        assertThat(history(world).recent(10)).containsExactly(HistoryRecord.of(report));
    }

    @ParameterizedTest
    @EnumSource
    void aLookLeavesNoLine(Scenario scenario) {
        World world = scenario.world();
        LaunchGuard.on(world.ports()).explain();
        assertThat(world.historyLines).isEmpty();
    }

    @Test
    @Tag("H07")
    void theLineIsWrittenWhileTheLaunchLockIsHeld() {
        World world = Scenario.WEDGED.world();
        List<LaunchLockOwner> owners = new ArrayList<>();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HISTORY_APPEND) {
                    owners.add(world.launchLock);
                }
            }
        };
        launch(world);
        assertThat(owners)
                .as("the line of its beginning, and its own")
                .containsExactly(LaunchLockOwner.THIS_LAUNCHER, LaunchLockOwner.THIS_LAUNCHER);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H26")
    void aHistoryThatCannotBeWrittenChangesNothing(Scenario scenario) {
        World undisturbed = scenario.world();
        LaunchReport expected = launch(undisturbed);
        World world = scenario.world();
        failAt(world, Port.HISTORY_APPEND, () -> {
            throw new UncheckedIOException(new IOException("disk full"));
        });
        assertThat(launch(world)).isEqualTo(expected);
        assertThat(world.snapshot()).isEqualTo(undisturbed.snapshot());
        assertThat(world.historyLines).isEmpty();
    }

    @Test
    @Tag("H26")
    void aPermitIsHandedOverWhateverTheHistoryThrows() {
        World world = Scenario.WEDGED.world();
        failAt(world, Port.HISTORY_APPEND, () -> {
            throw new NoClassDefFoundError("org/springframework/boot/json/JsonWriter");
        });
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        try (LaunchPermit permit = result.permitOrThrow()) {
            assertThat(permit.profile()).isEqualTo(world.ports().profile());
        }
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    @Test
    @Tag("H43")
    void aHistoryThatDoesNotAnswerKeepsNoPermitBackAndNoLaunchLock() throws Exception {
        World world = new World();
        CountDownLatch answers = new CountDownLatch(1);
        Thread launcher = Thread.currentThread();
        AtomicReference<Thread> writer = new AtomicReference<>();
        failAt(world, Port.HISTORY_APPEND, () -> {
            writer.set(Thread.currentThread());
            assertThatCode(answers::await).doesNotThrowAnyException();
        });

        LaunchResult result = LaunchGuard.on(world.ports()).launch();

        assertThat(result.report().outcome()).isEqualTo(Outcome.READY);
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        result.permitOrThrow().close();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.historyLines).isEmpty();
        assertThat(writer.get()).isNotNull().isNotSameAs(launcher);

        answers.countDown();
        writer.get().join();
        assertThat(world.historyLines).hasSize(1);
    }

    @Test
    void theNewestLaunchComesFirstAndNoMoreThanAskedFor() {
        World world = new World();
        LaunchReport first = launch(world);
        LaunchReport second = launch(world);
        LaunchReport third = launch(world);
        assertThat(history(world).recent(2)).containsExactly(HistoryRecord.of(third), HistoryRecord.of(second));
        assertThat(history(world).recent(3)).endsWith(HistoryRecord.of(first)).hasSize(3);
        assertThat(history(world).recent(0)).isEmpty();
    }

    @Test
    void linesThatCannotBeReadArePassedOverAndDoNotCount() {
        World world = new World();
        LaunchReport first = launch(world);
        world.historyLines.add("{\"outcome\":\"rea");
        LaunchReport second = launch(world);
        world.historyLines.addAll(List.of("", "{}", "garbage", "{\"outcome\":\"ready\"}"));
        assertThat(history(world).recent(2)).containsExactly(HistoryRecord.of(second), HistoryRecord.of(first));
    }

    @Test
    void aHistoryThatCannotBeReadIsEmpty() {
        World world = new World();
        launch(world);
        failAt(world, Port.HISTORY_LINES, () -> {
            throw new UncheckedIOException(new IOException("not a file"));
        });
        assertThatCode(() -> assertThat(history(world).recent(5)).isEmpty()).doesNotThrowAnyException();
    }

    @Test
    void eachLaunchIsTakenOnceAndTheOldestFirst() {
        World world = new World();
        HistoryRecord first = HistoryRecord.of(launch(world));
        HistoryRecord second = HistoryRecord.of(launch(world));
        assertThat(history(world).take()).containsExactly(first, second);
        assertThat(history(world).take()).isEmpty();
        HistoryRecord third = HistoryRecord.of(launch(world));
        assertThat(history(world).take()).containsExactly(third);
        assertThat(history(world).recent(10)).as("they are remembered still").containsExactly(third, second, first);
    }

    @Test
    void launchesThatTwoTakeAtOnceAreTakenByOne() {
        World world = new World();
        HistoryRecord first = HistoryRecord.of(launch(world));
        List<HistoryRecord> later = new ArrayList<>();
        AtomicReference<HistoryRecord> between = new AtomicReference<>();
        atFirst(world, Port.HISTORY_LINES, () -> {
            // The first has said what it takes, and has not read it yet.
            between.set(HistoryRecord.of(launch(world)));
            later.addAll(history(world).take());
        });
        assertThat(history(world).take()).containsExactly(first);
        assertThat(later).containsExactly(between.get());
    }

    @Test
    void whoIsKilledBeforeItHasReadTakesThemWithItAndNoneIsTakenTwice() {
        World world = new World();
        launch(world);
        failAt(world, Port.HISTORY_LINES, () -> {
            throw new UncheckedIOException(new IOException("killed"));
        });
        assertThat(history(world).take()).isEmpty();
        failAt(world, Port.HISTORY_LINES, () -> {});
        assertThat(history(world).take()).isEmpty();
    }

    @Test
    void whoCannotSayThatItTakesThemLeavesThemToTheNext() {
        World world = new World();
        HistoryRecord launch = HistoryRecord.of(launch(world));
        failAt(world, Port.HISTORY_APPEND, () -> {
            throw new UncheckedIOException(new IOException("disk full"));
        });
        assertThat(history(world).take()).isEmpty();
        failAt(world, Port.HISTORY_APPEND, () -> {});
        assertThat(history(world).take()).containsExactly(launch);
    }

    @Test
    void aMarkThatTheHistoryDoesNotKeepTakesNothing() {
        World world = new World();
        launch(world);
        atFirst(world, Port.HISTORY_LINES, world.historyLines::clear);
        assertThat(history(world).take()).isEmpty();
    }

    @Test
    void aLaunchWithoutAnEndIsTakenOnceWhenItsProcessIsGone() {
        World world = new World();
        String beginning = killed(world);
        assertThat(history(world).take()).isEmpty();
        assertThat(history(world).recent(10)).isEmpty();
        assertThat(takeUnfinished(world, gone())).containsExactly(HistoryRecord.unfinished());
        assertThat(takeUnfinished(world, gone())).as("a second time").isEmpty();
        assertThat(world.historyLines).startsWith(beginning);
    }

    @Test
    void aLaunchWhoseProcessLivesOrMayLiveIsTakenWhenItIsGone() {
        World world = new World();
        killed(world);
        assertThat(takeUnfinished(world, world.ports().processes()))
                .as("it lives")
                .isEmpty();
        assertThat(takeUnfinished(world, looking(Observation.unknown("hidden"))))
                .as("it may live")
                .isEmpty();
        Observation<String> machine = world.machineId;
        Observation<String> boot = world.bootId;
        world.bootId = Observation.seen("another boot");
        world.machineId = Observation.seen("another machine");
        assertThat(takeUnfinished(world, gone())).as("it is on another machine").isEmpty();
        world.machineId = machine;
        world.bootId = boot;
        Observation<String> namespace = world.namespace;
        world.namespace = Observation.seen("pid:[1]");
        assertThat(takeUnfinished(world, gone())).as("it is in a container").isEmpty();
        world.namespace = namespace;
        assertThat(takeUnfinished(world, gone())).hasSize(1);
    }

    @Test
    void aLaunchOfAnEarlierBootIsOver() {
        World world = new World();
        killed(world);
        world.bootId = Observation.seen("the next boot");
        assertThat(takeUnfinished(world, world.ports().processes())).hasSize(1);
    }

    @Test
    void aProcessThatHasThePidSinceIsAnother() {
        World world = new World();
        String beginning = killed(world);
        String earlier = beginning.replaceFirst("\"start\":\"[^\"]*\"", "\"start\":\"1\"");
        assertThat(earlier).isNotEqualTo(beginning);
        world.historyLines.set(0, earlier);
        assertThat(takeUnfinished(world, world.ports().processes())).hasSize(1);
    }

    @Test
    void aLaunchThatEndsBeforeItsProcessIsSeenToBeGoneHasEnded() {
        World world = Scenario.HEALTHY.world();
        HistoryRecord held = HistoryRecord.of(launch(world));
        String end = world.historyLines.remove(1);
        ProcessTable endsNow = table(() -> {
            if (world.historyLines.size() == 1) {
                world.historyLines.add(end);
            }
            return Observation.absent("there is no such process");
        });
        assertThat(takeUnfinished(world, endsNow)).isEmpty();
        assertThat(history(world).take()).containsExactly(held);
        assertThat(takeUnfinished(world, gone())).isEmpty();
    }

    @Test
    void aLaunchThatTwoTakeAtOnceIsTakenByTheFirst() {
        World world = new World();
        killed(world);
        killed(world);
        List<HistoryRecord> first = new ArrayList<>();
        atFirst(world, Port.HISTORY_APPEND, () -> first.addAll(takeUnfinished(world, gone())));
        assertThat(takeUnfinished(world, gone())).isEmpty();
        assertThat(first).hasSize(2);
    }

    @Test
    void whoIsKilledOnceItHasClaimedALaunchTakesItAlong() {
        World world = new World();
        killed(world);
        AtomicBoolean isClaimed = new AtomicBoolean();
        failAt(world, Port.HISTORY_LINES, () -> {
            if (world.historyLines.size() > 1) {
                isClaimed.set(true);
                throw new UncheckedIOException(new IOException("killed"));
            }
        });
        assertThat(takeUnfinished(world, gone())).isEmpty();
        assertThat(isClaimed).isTrue();
        failAt(world, Port.HISTORY_LINES, () -> {});
        assertThat(takeUnfinished(world, gone())).isEmpty();
    }

    @Test
    void aLaunchWhoseBeginningTheHistoryNoLongerKeepsIsNotTaken() {
        World world = new World();
        killed(world);
        failAt(world, Port.HISTORY_LINES, () -> {
            if (world.historyLines.size() > 1) {
                world.historyLines.remove(0);
            }
        });
        assertThat(takeUnfinished(world, gone())).isEmpty();
    }

    @Test
    void linesThatOnlyLookLikeABeginningAreNone() {
        World world = new World();
        String beginning = killed(world);
        world.historyLines.clear();
        world.historyLines.addAll(List.of(
                beginning.substring(0, 40),
                beginning.replaceFirst("\"pid\":\\d+", "\"pid\":1.5"),
                beginning.replaceFirst("\"pid\":\\d+", "\"pid\":\"1\""),
                beginning.replaceFirst("\"user\"", "\"uses\""),
                "{\"begins\":null}"));
        assertThat(takeUnfinished(world, gone())).isEmpty();
    }

    @Test
    void aLaunchThatWasGivenUpLeavesNoBeginningAfterItsEnd() {
        World world = Scenario.HEALTHY.world();
        LaunchReport report = launch(world);
        BegunLaunch abandoned = new BegunLaunch(history(world), world.ports());
        abandoned.append(report).await();
        int lines = world.historyLines.size();
        abandoned.entered(LifecycleState.MARKER_CHECK);
        assertThat(world.historyLines).hasSize(lines);
        assertThat(takeUnfinished(world, gone())).isEmpty();
    }

    @Test
    @Tag("H43")
    void aBeginningThatIsNotWrittenKeepsNoLaunchBack() throws Exception {
        World undisturbed = Scenario.WEDGED.world();
        LaunchReport expected = launch(undisturbed);
        World world = Scenario.WEDGED.world();
        CountDownLatch answers = new CountDownLatch(1);
        AtomicReference<Thread> writer = new AtomicReference<>();
        atFirst(world, Port.HISTORY_APPEND, () -> {
            writer.set(Thread.currentThread());
            assertThatCode(answers::await).doesNotThrowAnyException();
        });
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        assertThat(result.report()).isEqualTo(expected);
        assertThat(world.historyLines).isEmpty();
        answers.countDown();
        writer.get().join();
        result.permitOrThrow().close();
        assertThat(world.historyLines).as("the beginning, and then the end").hasSize(2);
        assertThat(world.historyLines.get(0)).contains("begins");
        assertThat(takeUnfinished(world, gone())).isEmpty();
    }

    @Test
    void aPermitTakesTheLaunchesBeforeItsOwn() {
        World world = Scenario.HEALTHY.world();
        HistoryRecord held = HistoryRecord.of(launch(world));
        assertThat(held.outcome()).isEqualTo("held");
        World later = new World();
        later.historyLines.addAll(world.historyLines);
        try (LaunchPermit permit = LaunchGuard.on(later.ports()).launch().permitOrThrow()) {
            assertThat(permit.takeUncounted()).containsExactly(held);
            assertThat(permit.takeUncounted()).isEmpty();
        }
        assertThat(later.historyLines)
                .as("its own")
                .anySatisfy(line -> assertThat(line).contains("\"ready\""));
        assertThat(LaunchPermit.inert().takeUncounted()).isEmpty();
    }

    @Test
    void aPermitTakesALaunchThatWasKilledBeforeIts() {
        World world = new World();
        killed(world);
        world.bootId = Observation.seen("the next boot");
        try (LaunchPermit permit = LaunchGuard.on(world.ports()).launch().permitOrThrow()) {
            assertThat(permit.takeUncounted()).containsExactly(HistoryRecord.unfinished());
            assertThat(permit.takeUncounted()).isEmpty();
        }
    }

    @Test
    @Tag("H43")
    void aPermitTakesNothingBeforeItsOwnLineIsWritten() {
        World world = Scenario.HEALTHY.world();
        launch(world);
        World later = new World();
        later.historyLines.addAll(world.historyLines);
        CountDownLatch answers = new CountDownLatch(1);
        atFirst(later, Port.HISTORY_APPEND, () -> assertThatCode(answers::await).doesNotThrowAnyException());
        try (LaunchPermit permit = LaunchGuard.on(later.ports()).launch().permitOrThrow()) {
            assertThat(permit.takeUncounted()).isEmpty();
            answers.countDown();
            assertThat(permit.takeUncounted()).hasSize(1);
        }
    }

    private static void atFirst(World world, Port where, Runnable action) {
        AtomicBoolean isDone = new AtomicBoolean();
        failAt(world, where, () -> {
            if (!isDone.getAndSet(true)) {
                action.run();
            }
        });
    }

    private static LaunchReport launch(World world) {
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            permitted.permit().close();
        }
        return result.report();
    }

    /** Leaves what a launch leaves that is killed in the middle; the line of its beginning. */
    private static String killed(World world) {
        World other = Scenario.HEALTHY.world();
        launch(other);
        String beginning = other.historyLines.get(0);
        world.historyLines.add(beginning);
        return beginning;
    }

    private static List<HistoryRecord> takeUnfinished(World world, ProcessTable processes) {
        return history(world).takeUnfinished(world.ports().host(), processes);
    }

    /** Where no process is. */
    private static ProcessTable gone() {
        return looking(Observation.absent("there is no such process"));
    }

    private static ProcessTable looking(Observation<ProcessIdentity> found) {
        return table(() -> found);
    }

    private static ProcessTable table(Supplier<Observation<ProcessIdentity>> look) {
        return (ProcessTable) Proxy.newProxyInstance(
                ProcessTable.class.getClassLoader(),
                new Class<?>[] {ProcessTable.class},
                (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("look");
                    return look.get();
                });
    }

    private static LaunchHistory history(World world) {
        return new LaunchHistory(world.ports().history());
    }

    private static void failAt(World world, Port where, Runnable failure) {
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == where) {
                    failure.run();
                }
            }
        };
    }
}
