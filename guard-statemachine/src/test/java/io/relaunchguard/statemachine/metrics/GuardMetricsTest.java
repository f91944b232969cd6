package io.relaunchguard.statemachine.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardMetricsTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void aRegistryThatAppearsAfterTheLaunchGetsItsTimeline() {
        LaunchProgress progress = new LaunchProgress();
        LaunchReport report = launch(Scenario.WEDGED.world(), progress);

        new GuardMetrics(progress).bindTo(registry);

        var launch = registry.get("relaunch.guard.launch")
                .tags("outcome", "ready", "verdict", "reap", "update", "unknown")
                .timer();
        assertThat(launch.count()).isEqualTo(1);
        assertThat(launch.totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(report.timeline().stream()
                        .mapToDouble(visit -> visit.dwell().toMillis())
                        .sum());
        assertThat(registry.get("relaunch.guard.state")
                        .tag("state", "teardown_grace")
                        .timer()
                        .totalTime(TimeUnit.SECONDS))
                .isEqualTo(2);
        assertThat(count("relaunch.guard.transition", "from", "term", "to", "revalidate"))
                .isEqualTo(1);
        assertThat(count("relaunch.guard.signal", "signal", "term", "result", "delivered"))
                .isEqualTo(1);
        assertThat(count("relaunch.guard.signal", "signal", "kill", "result", "delivered"))
                .isEqualTo(1);
        assertThat(count("relaunch.guard.predicate", "predicate", "marker-present", "result", "holds"))
                .isEqualTo(1);
        assertThat(inState(LifecycleState.READY)).isEqualTo(1);
        assertThat(inState(LifecycleState.KILL)).isZero();
    }

    @Test
    void aRegistryThatAppearsBeforeTheEndIsToldThenAndEveryRegistryOnce() {
        LaunchProgress progress = new LaunchProgress();
        GuardMetrics metrics = new GuardMetrics(progress);
        metrics.bindTo(registry);
        progress.entered(LifecycleState.TERM);
        assertThat(inState(LifecycleState.TERM)).isEqualTo(1);
        assertThat(registry.find("relaunch.guard.launch").timer()).isNull();

        launch(new World(), progress);
        MeterRegistry second = new SimpleMeterRegistry();
        metrics.bindTo(second);

        for (MeterRegistry each : List.of(registry, second)) {
            assertThat(each.get("relaunch.guard.launch").timer().count()).isEqualTo(1);
        }
        assertThat(inState(LifecycleState.TERM)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1.5, applied", "1.4, not_applied", "'', unknown"})
    @org.junit.jupiter.api.Tag("H51") // Micrometer has a Tag, too
    void theLaunchSaysWhetherAnUpdateHasTakenEffect(String version, String effect) {
        LaunchProgress progress = new LaunchProgress();
        LaunchGuard.on(Scenario.WEDGED.world().ports())
                .withVersion(version)
                .withListener(progress)
                .launch();

        new GuardMetrics(progress).bindTo(registry);

        assertThat(registry.get("relaunch.guard.launch")
                        .tag("update", effect)
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aLaunchWithoutAnUpdateSaysSo() {
        LaunchProgress progress = new LaunchProgress();
        launch(new World(), progress);

        new GuardMetrics(progress).bindTo(registry);

        assertThat(registry.get("relaunch.guard.launch")
                        .tag("update", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aLaunchThatFoundNobodyHasNoVerdictAndNoPredicateFailedInIt() {
        LaunchProgress progress = new LaunchProgress();
        launch(new World(), progress);

        new GuardMetrics(progress).bindTo(registry);

        assertThat(registry.get("relaunch.guard.launch")
                        .tags("outcome", "ready", "verdict", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(count("relaunch.guard.transition", "from", "start", "to", "ready"))
                .isEqualTo(1);
        assertThat(registry.find("relaunch.guard.predicate").counters()).isEmpty();
    }

    @Test
    void aGuardThatBrokeBeforeItCouldJudgeHasNoVerdict() {
        World world = Scenario.WEDGED.world();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HOST_READ) {
                    throw new UnsatisfiedLinkError("no libc");
                }
            }
        };
        LaunchProgress progress = new LaunchProgress();
        launch(world, progress);
        new GuardMetrics(progress).bindTo(registry);
        assertThat(registry.get("relaunch.guard.launch")
                        .tags("outcome", "failed", "verdict", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void launchesThatNobodyHasCountedAreCountedByEveryRegistryOfOneThatIsReady() {
        LaunchReport held = launch(Scenario.HEALTHY.world(), new LaunchProgress());
        List<HistoryRecord> uncounted = Collections.nCopies(20, HistoryRecord.of(held));
        AtomicInteger asked = new AtomicInteger();
        LaunchProgress progress = new LaunchProgress();
        GuardMetrics metrics = new GuardMetrics(progress, () -> {
            asked.incrementAndGet();
            return uncounted;
        });
        MeterRegistry second = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        assertThat(asked).as("before it is ready").hasValue(0);
        launch(new World(), progress);
        metrics.bindTo(second);

        for (MeterRegistry each : List.of(registry, second)) {
            await().untilAsserted(() -> assertThat(launches(each, "held")).isEqualTo(20));
            assertThat(launches(each, "ready")).isEqualTo(1);
            assertThat(each.get("relaunch.guard.predicate")
                            .tags("predicate", "marker-present", "result", "fails")
                            .counter()
                            .count())
                    .isEqualTo(20);
        }
        assertThat(asked).hasValue(1);
        assertThat(inState(LifecycleState.READY)).isEqualTo(1);
        assertThat(inState(LifecycleState.HELD)).isZero();
    }

    @Test
    void aLaunchThatWasKilledIsCountedAsUnfinished() {
        World world = Scenario.HEALTHY.world();
        launch(world, new LaunchProgress());
        world.historyLines.remove(1);
        World later = new World();
        later.historyLines.addAll(world.historyLines);
        later.bootId = Observation.seen("the next boot");
        LaunchProgress progress = new LaunchProgress();
        try (LaunchPermit permit =
                LaunchGuard.on(later.ports()).withListener(progress).launch().permitOrThrow()) {
            new GuardMetrics(progress, permit::takeUncounted).bindTo(registry);
            await().untilAsserted(
                            () -> assertThat(launches(registry, "unfinished")).isEqualTo(1));
            assertThat(registry.get("relaunch.guard.launch")
                            .tags("outcome", "unfinished", "verdict", "none", "update", "unknown")
                            .timer()
                            .count())
                    .isEqualTo(1);
        }
        assertThat(launches(registry, "ready")).isEqualTo(1);
    }

    @Test
    void aLaunchThatIsNotReadyTakesNoOthers() {
        LaunchProgress progress = new LaunchProgress();
        GuardMetrics metrics = new GuardMetrics(progress, () -> {
            throw new AssertionError("asked");
        });
        launch(Scenario.HEALTHY.world(), progress);
        metrics.bindTo(registry);
        assertThat(launches(registry, "held")).isEqualTo(1);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("relaunch-guard-uncounted"));
    }

    @Test
    void aHistoryThatBreaksLeavesTheOwnLaunchCounted() {
        LaunchProgress progress = new LaunchProgress();
        launch(new World(), progress);
        AtomicBoolean asked = new AtomicBoolean();
        new GuardMetrics(progress, () -> {
                    asked.set(true);
                    throw new IllegalStateException("the context is closed");
                })
                .bindTo(registry);
        await().untilTrue(asked);
        assertThat(launches(registry, "ready")).isEqualTo(1);
    }

    @Test
    void whatAFileSaysMakesNoTagThatIsNotDocumented() {
        String text = "/home/user";
        HistoryRecord strange = new HistoryRecord(
                "held",
                new HistoryRecord.Judgement(text, text, text),
                null,
                List.of(
                        new HistoryRecord.Predicate(text, "holds", text),
                        new HistoryRecord.Predicate("marker-present", text, text)),
                List.of(
                        new HistoryRecord.Visit(text, Instant.EPOCH, -1),
                        new HistoryRecord.Visit("TERM", Instant.EPOCH, Double.MAX_VALUE)),
                List.of(
                        new HistoryRecord.Step(text, text, text, "TERM"),
                        new HistoryRecord.Step("TERM", text, text, text)),
                List.of(
                        new HistoryRecord.SignalRecord(text, 1, "gone", text),
                        new HistoryRecord.SignalRecord("TERM", 1, text, text)),
                List.of(),
                List.of(),
                null,
                new HistoryRecord.Update(text, text),
                text,
                text);
        GuardMetrics.replay(strange, registry);

        assertThat(registry.getMeters())
                .flatExtracting(meter -> meter.getId().getTags())
                .extracting(Tag::getValue)
                .containsExactlyInAnyOrder("held", "spare", "unknown", "term");
        assertThat(registry.get("relaunch.guard.launch").timer().totalTime(TimeUnit.HOURS))
                .isEqualTo(1);
    }

    @org.junit.jupiter.api.Tag("long") // Micrometer has a Tag, too
    @Test
    void aThousandLaunchesWithOtherPidsHostsAndPathsMakeNoMoreMetersThanTheFirst() {
        for (Scenario scenario : Scenario.values()) {
            meter(scenario.world());
        }
        Set<Meter.Id> first = ids();
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            World world = new World();
            WorldProcess old = world.process(1000 + random.nextInt(1_000_000));
            world.consent(old);
            world.lockNames(old);
            if (i % 3 == 0) {
                world.lockIs(Observation.seen(new SingletonLock("host-" + i, old.pid)));
            }
            old.ignoresTerm = i % 3 == 1;
            meter(world);
        }
        assertThat(registry.get("relaunch.guard.launch").timers().stream()
                        .mapToLong(timer -> timer.count())
                        .sum())
                .isEqualTo(1000 + Scenario.values().length);
        assertThat(ids()).isEqualTo(first);
    }

    @Test
    void everyMeterAndTagIsDocumentedAndEveryDocumentedOneAppears() {
        for (Scenario scenario : Scenario.values()) {
            meter(scenario.world());
        }
        assertThat(registry.getMeters().stream().map(GuardMetricsTest::shape).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(GuardMeters.values())
                        .map(GuardMetricsTest::shape)
                        .toList());
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
    }

    @Test
    void theDocumentsNameEveryMeterWithItsTags() throws IOException {
        String text = Files.readString(Path.of("../docs/observability/README.md"));
        for (GuardMeters meter : GuardMeters.values()) {
            assertThat(text)
                    .contains("| `%s` | ".formatted(meter.getName()))
                    .contains(Arrays.stream(meter.getKeyNames())
                            .map(tag -> "`" + tag.asString() + "`")
                            .toList());
        }
        assertThat(text)
                .contains(LifecycleObservation.Documentation.LAUNCH.getName(), StartupSteps.LAUNCH, StartupSteps.STATE);
    }

    private void meter(World world) {
        LaunchProgress progress = new LaunchProgress();
        launch(world, progress);
        new GuardMetrics(progress).bindTo(registry);
    }

    private static LaunchReport launch(World world, LaunchProgress progress) {
        return LaunchGuard.on(world.ports()).withListener(progress).launch().report();
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    private static long launches(MeterRegistry registry, String outcome) {
        return registry.find("relaunch.guard.launch").tag("outcome", outcome).timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    private double inState(LifecycleState state) {
        return registry.get("relaunch.guard.state.current")
                .tag("state", TagValues.of(state))
                .gauge()
                .value();
    }

    private Set<Meter.Id> ids() {
        return registry.getMeters().stream().map(Meter::getId).collect(Collectors.toSet());
    }

    private static String shape(Meter meter) {
        return shape(
                meter.getId().getName(),
                meter.getId().getType(),
                meter.getId().getTags().stream().map(Tag::getKey));
    }

    private static String shape(GuardMeters meter) {
        return shape(
                meter.getName(),
                meter.getType(),
                Arrays.stream(meter.getKeyNames()).map(KeyName::asString));
    }

    private static String shape(String name, Meter.Type type, Stream<String> tags) {
        return name + " " + type + " " + new TreeSet<>(tags.toList());
    }
}
