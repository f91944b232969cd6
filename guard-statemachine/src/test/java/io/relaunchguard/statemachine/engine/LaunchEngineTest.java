package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The thread of a launch: its own, gone afterwards, and given up when it is stuck. */
class LaunchEngineTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @ParameterizedTest
    @EnumSource
    void aLaunchOnItsOwnThreadEndsAsItShouldAndTheThreadIsGone(Scenario scenario) {
        World world = scenario.world();
        EndedLaunch ended = engine(world).launch();
        assertThat(ended.report().outcome()).isEqualTo(scenario.outcome);
        assertThat(ended.hold() != null).isEqualTo(world.launchLock == LaunchLockOwner.THIS_LAUNCHER);
        if (ended.hold() != null) {
            ended.hold().close();
        }
        assertThat(world.open).isEmpty();
        awaitNoMailbox();
    }

    @Test
    void everyCallOfAPortComesFromTheLaunchsOwnThread() {
        World world = Scenario.HELPER_LETS_GO.world();
        Set<String> threads = new HashSet<>();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                threads.add(Thread.currentThread().getName());
            }
        };
        engine(world).launch();
        assertThat(threads).containsExactly("relaunch-guard");
    }

    @Test
    void aCallerThatIsInterruptedGetsFailedKeepsItsFlagAndNobodyIsSignalledAfterwards() throws Exception {
        World world = Scenario.WEDGED.world();
        Stop stop = new Stop(world, Port.PIN_ACTIVITY);
        AtomicReference<EndedLaunch> result = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            result.set(engine(world).launch());
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        stop.reached.await();
        caller.interrupt();
        caller.join();
        assertThat(result.get().report().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.get().report().faults()).singleElement().asString().contains("interrupted");
        assertThat(result.get().hold()).isNull();
        assertThat(flag.get()).isTrue();
        stop.goOn.countDown();
        awaitNoMailbox();
        assertThat(world.signals).isEmpty();
        assertThat(world.open).isEmpty();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.claim).isNotEqualTo(new MarkerReading.Absent());
    }

    @ParameterizedTest
    @EnumSource(
            value = Port.class,
            names = {"MARKER_CLAIM", "PIN_IDENTITY", "PIN_REQUEST_EXIT", "LOCK_REMOVE", "HELPERS_OF"})
    @Tag("H26")
    void aPortThatDoesNotAnswerIsGivenUpAndNothingHappensWhenItAnswersAfterAll(Port port) {
        World world = Scenario.WEDGED.world();
        Stop stop = new Stop(world, port);
        LaunchEngine engine = new LaunchEngine(
                world.ports(),
                LaunchPolicy.DEFAULT,
                List.of(),
                Optional.empty(),
                Duration.ofSeconds(-15),
                Duration.ofSeconds(3));
        EndedLaunch ended = engine.launch();
        assertThat(stop.reached.getCount()).isZero();
        assertThat(ended.report().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(ended.report().faults()).singleElement().asString().contains("did not answer");
        assertThat(ended.report().advice()).isNotEmpty();
        assertThat(ended.hold()).isNull();
        int signals = world.signals.size();
        stop.goOn.countDown();
        awaitNoMailbox();
        // The call that was stuck takes effect; no other does.
        assertThat(world.signals.subList(signals, world.signals.size()))
                .filteredOn(signal -> signal.signal() != Signal.CONT)
                .hasSizeLessThanOrEqualTo(port == Port.PIN_REQUEST_EXIT ? 1 : 0);
        assertThat(world.open).isEmpty();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    @ParameterizedTest
    @EnumSource(
            value = Port.class,
            names = {"MARKER_DISCARD_CLAIM", "RECORD_WRITE"})
    @Tag("H43")
    void aPermitIsDeliveredWhileTheEndOfItsLaunchCannotBeWrittenDownAndTheLockIsLetGoAfterThat(Port port) {
        World world = Scenario.WEDGED.world();
        Stop stop = new Stop(world, port);
        List<Outcome> told = new ArrayList<>();
        LaunchListener listener = new LaunchListener() {
            @Override
            public void ended(LaunchReport report) {
                told.add(report.outcome());
            }
        };
        EndedLaunch ended = new LaunchEngine(
                        world.ports(),
                        LaunchPolicy.DEFAULT,
                        List.of(listener),
                        Optional.empty(),
                        Duration.ofSeconds(15),
                        Duration.ofMillis(100))
                .launch();
        assertThat(stop.reached.getCount()).isZero();
        assertThat(ended.report().outcome()).isEqualTo(Outcome.READY);
        assertThat(ended.report().faults()).singleElement().asString().contains("not in its history yet");
        assertThat(told).containsExactly(Outcome.READY);

        Objects.requireNonNull(ended.hold()).close();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);

        stop.goOn.countDown();
        awaitNoMailbox();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.claim).isEqualTo(new MarkerReading.Absent());
        assertThat(world.open).isEmpty();
        assertThat(told).containsExactly(Outcome.READY);
    }

    @Test
    void aLaunchWhoseThreadIsInterruptedWhileItWaitsEndsFailedWithoutASignal() {
        World world = Scenario.WEDGED.world();
        world.after(1000, () -> Thread.currentThread().interrupt());
        EndedLaunch ended = new Launch(world.ports(), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of()).run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ended.report().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(world.signals).isEmpty();
        assertThat(world.open).isEmpty();
    }

    @Test
    @Tag("H01")
    @Tag("H07")
    void aLaunchThatIsInterruptedWhileAnotherLauncherIsAtWorkYieldsNoPermitThoughThereIsNoLock() {
        World world = Scenario.ANOTHER_LAUNCHER_STAYS.world();
        world.removeLock();
        world.after(1000, () -> Thread.currentThread().interrupt());
        EndedLaunch ended = new Launch(world.ports(), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of()).run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ended.report().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(ended.hold()).isNull();
        assertThat(world.open).isEmpty();
    }

    @Tag("long")
    @Test
    void twoThousandLaunchesLeaveNoThreadBehind() {
        Scenario[] scenarios = Scenario.values();
        run(scenarios, 100);
        // Another test's stuck launch may still be on its way out.
        awaitNoMailbox();
        Set<String> before = threads();
        run(scenarios, 2000);
        assertThat(threads()).isEqualTo(before);
    }

    private static void run(Scenario[] scenarios, int times) {
        for (int i = 0; i < times; i++) {
            World world = scenarios[i % scenarios.length].world();
            EndedLaunch ended = engine(world).launch();
            if (ended.hold() != null) {
                ended.hold().close();
            }
            assertThat(world.open).isEmpty();
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.startsWith("awaitility"))
                .collect(Collectors.toSet());
    }

    private static void awaitNoMailbox() {
        await().atMost(PATIENCE).until(() -> !threads().contains("relaunch-guard"));
    }

    private static LaunchEngine engine(World world) {
        return new LaunchEngine(world.ports(), LaunchPolicy.DEFAULT, List.of());
    }

    /** Holds the first call of one port, deaf to interrupts, as a call into the kernel can be. */
    private static final class Stop implements CallHook {

        private final Port port;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        Stop(World world, Port port) {
            this.port = port;
            world.hook = this;
        }

        @Override
        public void beforeCall(Port called, int index) {
            if (called == port && reached.getCount() > 0) {
                reached.countDown();
                boolean interrupted = false;
                while (goOn.getCount() > 0) {
                    try {
                        goOn.await();
                    } catch (InterruptedException deaf) {
                        interrupted = true;
                    }
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
