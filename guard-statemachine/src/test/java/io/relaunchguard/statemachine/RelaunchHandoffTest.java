package io.relaunchguard.statemachine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.successor.OwnCommand;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outgoing side, in a world; {@code RelaunchHandoffIT} has the real one. */
class RelaunchHandoffTest {

    private static final Path HERE = Path.of(".");
    private static final long SUCCESSOR = 4711;

    private final World world = new World();
    private final List<List<String>> started = new ArrayList<>();
    private final AtomicInteger halts = new AtomicInteger();
    private final Watchdog watchdog = new Watchdog(new RealClock(), Duration.ofMinutes(5), halts::incrementAndGet);
    private final List<HandoffResult> told = new CopyOnWriteArrayList<>();
    private final WorldProcess successor = world.process(SUCCESSOR);
    private Duration claimWait = Duration.ofMinutes(5);
    private Runnable onStart = () -> {};
    private boolean startFails;
    private Optional<String> hindrance = Optional.empty();
    private Observation<OwnCommand> own = Observation.unknown("nobody looked");

    @AfterEach
    void disarm() {
        watchdog.disarm();
    }

    @Test
    @Tag("H05")
    void consentsForItselfAndStandsByItOnceTheSuccessorIsStarted() throws IOException {
        try (RelaunchHandoff handoff = begin()) {
            assertThat(handoff.start(List.of("app", "--after-update"), HERE)).isEqualTo(SUCCESSOR);
        }

        assertThat(started).containsExactly(List.of("app", "--after-update"));
        assertThat(world.marker)
                .isInstanceOfSatisfying(
                        MarkerReading.Valid.class,
                        valid -> assertThat(valid.marker().pid()).isEqualTo(world.launcher.pid));
    }

    @Test
    @Tag("H05")
    void withdrawsWhenItIsClosedWithoutASuccessor() throws IOException {
        RelaunchHandoff handoff = begin();
        handoff.close();
        handoff.close();

        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
        assertThatIllegalStateException().isThrownBy(() -> handoff.start(List.of("app"), HERE));
        assertThatIllegalStateException().isThrownBy(handoff::startedElsewhere);
    }

    @Test
    void withdrawsEvenAMarkerThatIsClaimedAlready() throws IOException {
        RelaunchHandoff handoff = begin();
        world.claim = world.marker;
        world.marker = new MarkerReading.Absent();

        handoff.close();

        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    void withdrawsWhenTheSuccessorCannotBeStarted() throws IOException {
        startFails = true;
        RelaunchHandoff handoff = begin();

        assertThatIOException()
                .isThrownBy(() -> handoff.start(List.of("app"), HERE))
                .withMessage("no such program");

        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    void standsByItWhenSomebodyElseStartsTheSuccessor() throws IOException {
        try (RelaunchHandoff handoff = begin()) {
            handoff.startedElsewhere();
        }

        assertThat(world.marker).isInstanceOf(MarkerReading.Valid.class);
    }

    @Test
    void startsOneSuccessorOnly() throws IOException {
        try (RelaunchHandoff handoff = begin()) {
            handoff.start(List.of("app"), HERE);

            assertThatIllegalStateException().isThrownBy(() -> handoff.start(List.of("app"), HERE));
        }
        assertThat(started).hasSize(1);
    }

    @Test
    @Tag("H55")
    void startsItsSuccessorAsItWasStartedItself() throws IOException {
        own = Observation.seen(new OwnCommand(
                System.getProperty("java.home") + "/bin/java",
                List.of("java", "@/dev/null", "app.Main"),
                HERE.toString()));
        onStart = () -> claim(true);
        try (RelaunchHandoff handoff = begin()) {
            assertThat(handoff.restart()).isEqualTo(new HandoffResult.Claimed(SUCCESSOR));
            assertThatIllegalStateException().isThrownBy(handoff::restart);
        }

        assertThat(started)
                .containsExactly(List.of(System.getProperty("java.home") + "/bin/java", "@/dev/null", "app.Main"));
        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);
    }

    @Test
    @Tag("H34")
    void isNotRestartedWhereNoSuccessorCanBeStarted() throws IOException {
        hindrance = Optional.of("the C library of this host is too old");
        RelaunchHandoff handoff = begin();

        assertThatIOException()
                .isThrownBy(handoff::restart)
                .isInstanceOf(RestartRefusedException.class)
                .withMessageContaining("cannot start a successor: the C library of this host is too old");

        assertThat(started).isEmpty();
        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
    }

    /** As where the kernel lets this user start no more threads. */
    @Test
    @Tag("H34")
    void withdrawsWhenTheStartBreaksWithAnError() throws Exception {
        onStart = () -> {
            throw new OutOfMemoryError("unable to create native thread");
        };
        try (RelaunchHandoff handoff = begin()) {
            assertThat(handoff.handOverAsync(List.of("app"), HERE).get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            HandoffResult.NotStarted.class,
                            result -> assertThat(result.sentence()).contains("unable to create native thread"));
        }

        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    @Tag("H55")
    void withdrawsWhenHowItWasStartedCannotBeKnown() throws IOException {
        own = Observation.unknown("it runs in a sandbox");
        RelaunchHandoff handoff = begin();

        assertThatExceptionOfType(RestartRefusedException.class)
                .isThrownBy(handoff::restart)
                .withMessageContaining("it runs in a sandbox; start it by its command");

        assertThat(started).isEmpty();
        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
    }

    @Test
    @Tag("H55")
    void refusesWhenAFileThatItWasStartedWithIsGone() throws IOException {
        String java = System.getProperty("java.home") + "/bin/java";
        own = Observation.seen(new OwnCommand(java, List.of("java", "@no-such-file", "app.Main"), HERE.toString()));
        assertThatExceptionOfType(RestartRefusedException.class)
                .isThrownBy(() -> begin().restart())
                .withMessageContaining("no-such-file\" is not there");
        own = Observation.seen(new OwnCommand(java, List.of("java", "app.Main"), "/no/such/directory"));
        assertThatExceptionOfType(RestartRefusedException.class)
                .isThrownBy(() -> begin().restart())
                .withMessageContaining("working directory \"/no/such/directory\" is gone");

        assertThat(started).isEmpty();
    }

    @Test
    void refusesADeadlineThatIsNotAhead() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RelaunchHandoff.begin(HERE, "", "", Duration.ZERO))
                .withMessageContaining("PT0S");
    }

    @Test
    @Tag("H36")
    void refusesADeadlineThatNoClockCounts() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RelaunchHandoff.begin(HERE, "", "", Duration.ofDays(110_000)))
                .withMessageContaining("PT24H at most");
    }

    @Test
    @Tag("H36")
    void disarmsWhenItCannotConsent() {
        ProfilePorts ports = world.ports();
        world.bootId = Observation.unknown("no /proc");

        // Not by the public method: its watchdog would end this JVM by the world's clock, which runs on at once.
        assertThatThrownBy(() -> RelaunchHandoff.begin(
                        context(),
                        () -> new MarkerWriter(ports).write(world.launcher.pid, "1", "2", Duration.ofSeconds(10)),
                        watchdog))
                .isInstanceOf(ConsentRefusedException.class);

        await().atMost(10, SECONDS)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("relaunch-guard-watchdog")));
    }

    @Test
    @Tag("H36")
    void armsBeforeItConsents() throws IOException {
        List<Boolean> armed = new ArrayList<>();
        ProfilePorts ports = world.ports();

        RelaunchHandoff.begin(
                        context(),
                        () -> {
                            armed.add(Thread.getAllStackTraces().keySet().stream()
                                    .anyMatch(thread -> thread.getName().equals("relaunch-guard-watchdog")));
                            return new MarkerWriter(ports).write(world.launcher.pid, "1", "2", Duration.ofSeconds(10));
                        },
                        watchdog)
                .close();

        assertThat(armed).containsExactly(true);
    }

    @Test
    @Tag("H34")
    void endsOnlyForASuccessorThatHasClaimedItsConsent() throws IOException {
        onStart = () -> claim(false);
        RelaunchHandoff handoff = begin();

        HandoffResult result = handoff.handOver(List.of("app"), HERE);
        handoff.close();

        assertThat(result).isEqualTo(new HandoffResult.Claimed(SUCCESSOR));
        assertThat(told).containsExactly(result);
        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);
        assertThat(watchdogs()).isEqualTo(1);
        assertThatIllegalStateException().isThrownBy(() -> handoff.handOver(List.of("app"), HERE));
    }

    @Test
    @Tag("H34")
    void hearsOfAClaimThatComesLater() throws Exception {
        CompletableFuture<HandoffResult> answer = begin().handOverAsync(List.of("app"), HERE);
        await().atMost(10, SECONDS).until(() -> world.calls.contains(Port.MARKER_STAGE));
        assertThat(answer).isNotDone();

        claim(false);
        world.profileChanged();

        assertThat(answer.get(10, SECONDS)).isEqualTo(new HandoffResult.Claimed(SUCCESSOR));
    }

    @Test
    @Tag("H34")
    void goesOnWhenTheSuccessorCannotBeStarted() throws IOException {
        startFails = true;
        RelaunchHandoff handoff = begin();

        HandoffResult result = handoff.handOver(List.of("app"), HERE);

        assertThat(result).isEqualTo(new HandoffResult.NotStarted("no such program"));
        assertThat(result.sentence()).isEqualTo("The new version could not be started: no such program.");
        assertGoesOn();
        assertThatIllegalStateException().isThrownBy(() -> handoff.handOver(List.of("app"), HERE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("H34")
    void goesOnWhenTheSuccessorHasEndedEvenIfItHadClaimed(boolean claimed) throws IOException {
        onStart = () -> {
            if (claimed) {
                claim(false);
            }
            world.exit(successor);
        };

        HandoffResult result = begin().handOver(List.of("app"), HERE);

        assertThat(result).isInstanceOf(HandoffResult.Ended.class);
        assertThat(result.sentence()).isEqualTo("The new version (process 4711) ended before it took over.");
        assertGoesOn();
    }

    @Test
    @Tag("H34")
    void endsForASuccessorThatHasAskedItToEndAlready() throws IOException {
        onStart = () -> {
            claim(true);
            world.exit(successor);
        };

        assertThat(begin().handOver(List.of("app"), HERE)).isEqualTo(new HandoffResult.Claimed(SUCCESSOR));

        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);
    }

    @Test
    @Tag("H34")
    void goesOnWhenNobodyHasClaimedInTime() throws IOException {
        claimWait = Duration.ofMillis(50);

        HandoffResult result = begin().handOver(List.of("app"), HERE);

        assertThat(result).isInstanceOf(HandoffResult.NotClaimed.class);
        assertThat(result.sentence())
                .isEqualTo("The new version (process 4711) did not take over: it was not seen within PT0.05S.");
        assertGoesOn();
    }

    @Test
    @Tag("H34")
    void endsWhenTheClaimComesAtTheVeryEnd() throws IOException {
        claimWait = Duration.ofMillis(50);
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.MARKER_WITHDRAW) {
                    claim(false);
                }
            }
        };

        assertThat(begin().handOver(List.of("app"), HERE)).isEqualTo(new HandoffResult.Claimed(SUCCESSOR));

        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);
    }

    @Test
    @Tag("H34")
    @Tag("H36")
    void saysWhenItIsNotCertainThatNobodyHasItsConsent() throws IOException {
        startFails = true;
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.MARKER_WITHDRAW) {
                    throw new IllegalStateException("too many open files");
                }
            }
        };
        RelaunchHandoff handoff = begin();

        HandoffResult result = handoff.handOver(List.of("app"), HERE);

        assertThat(result.sentence())
                .contains("no such program", "may still end this application", "too many open files");
        assertThat(world.marker).isInstanceOf(MarkerReading.Valid.class);
        world.hook = new CallHook() {};
        handoff.close();
        assertGoesOn();
    }

    @Test
    @Tag("H34")
    void goesOnWhenItCannotWait() throws IOException {
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.LOCK_WATCH) {
                    throw new IllegalStateException("no watch");
                }
            }
        };

        assertThat(begin().handOver(List.of("app"), HERE).sentence()).contains("cannot be waited for", "no watch");

        assertGoesOn();
    }

    @Test
    @Tag("H34")
    void hearsOfTheClaimOfASuccessorThatSomebodyElseStarts() throws Exception {
        CompletableFuture<HandoffResult> answer = begin().awaitClaimAsync();
        await().atMost(10, SECONDS).until(() -> world.calls.contains(Port.MARKER_STAGE));
        assertThat(answer).isNotDone();

        claim(false);
        world.profileChanged();

        HandoffResult result = answer.get(10, SECONDS);
        assertThat(result).isInstanceOf(HandoffResult.Claimed.class);
        assertThat(result.sentence()).isEqualTo("The new version is starting and waits for this one to end.");
        assertThat(started).isEmpty();
    }

    @Test
    @Tag("H34")
    void goesOnWhenASuccessorThatSomebodyElseStartsHasNotClaimedInTime() throws IOException {
        claimWait = Duration.ofMillis(50);

        HandoffResult result = begin().awaitClaim();

        assertThat(result.sentence()).isEqualTo("The new version did not take over: it was not seen within PT0.05S.");
        assertGoesOn();
    }

    @Test
    @Tag("H34")
    void goesOnWhenTheSuccessorEndsAfterItsClaimAndBeforeTheApplicationBeginsToClose() throws Exception {
        RelaunchHandoff handoff = claimedAndWatched();

        world.exit(successor);

        await().atMost(10, SECONDS).until(() -> told.size() == 2);
        assertThat(told.get(1)).isInstanceOf(HandoffResult.Ended.class);
        assertThat(handoff.isInForce()).isFalse();
        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
        await().atMost(10, SECONDS).until(() -> watchdogs() == 0);
    }

    @Test
    @Tag("H34")
    @Tag("H19")
    void standsByItOnceTheApplicationBeginsToCloseWhateverBecomesOfTheSuccessor() throws Exception {
        RelaunchHandoff handoff = claimedAndWatched();

        handoff.closing();
        await().atMost(10, SECONDS).until(() -> threads("relaunch-guard-handoff") == 0);
        world.exit(successor);

        assertThat(told).hasSize(1);
        assertThat(handoff.isInForce()).isTrue();
        assertThat(world.claim).isInstanceOf(MarkerReading.Valid.class);
        assertThat(watchdogs()).isEqualTo(1);
    }

    private RelaunchHandoff claimedAndWatched() throws IOException {
        onStart = () -> claim(false);
        RelaunchHandoff handoff = begin();
        handoff.toldOfClosing();
        assertThat(handoff.handOver(List.of("app"), HERE)).isEqualTo(new HandoffResult.Claimed(SUCCESSOR));
        await().atMost(10, SECONDS)
                .until(() -> List.copyOf(world.calls).stream()
                                .filter(Port.MARKER_STAGE::equals)
                                .count()
                        == 2);
        return handoff;
    }

    private void assertGoesOn() {
        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
        assertThat(world.claim).isInstanceOf(MarkerReading.Absent.class);
        assertThat(told).hasSize(1);
        await().atMost(10, SECONDS).until(() -> watchdogs() == 0);
        assertThat(halts).hasValue(0);
    }

    private static long watchdogs() {
        return threads("relaunch-guard-watchdog");
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    private RelaunchHandoff begin() throws IOException {
        ProfilePorts ports = world.ports();
        return RelaunchHandoff.begin(
                context(),
                () -> new MarkerWriter(ports).write(world.launcher.pid, "1", "2", Duration.ofSeconds(10)),
                watchdog);
    }

    private RelaunchHandoff.Context context() {
        ProfilePorts ports = world.ports();
        return new RelaunchHandoff.Context(
                new Starter(),
                new ProfilePorts(
                        ports.profile(),
                        ports.host(),
                        ports.processes(),
                        ports.lock(),
                        ports.instances(),
                        ports.markers(),
                        ports.launchLock(),
                        ports.history(),
                        ports.threadDumps(),
                        new RealClock()),
                claimWait,
                told::add);
    }

    /** As the launcher of the successor does: its rename of the marker changes the directory. */
    private void claim(boolean asked) {
        MarkerReading.Valid written = (MarkerReading.Valid) world.marker;
        world.marker = new MarkerReading.Absent();
        world.claim = new MarkerReading.Valid(written.marker(), asked);
    }

    private final class Starter implements Platform {

        @Override
        public String name() {
            return "World";
        }

        @Override
        public String pinning() {
            return "a pin of the world";
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public Path cacheDirectory() {
            return Path.of(System.getProperty("java.io.tmpdir"));
        }

        @Override
        public ProfilePorts open(Path profile) {
            return world.ports();
        }

        @Override
        public Optional<String> startHindrance() {
            return hindrance;
        }

        @Override
        public Observation<OwnCommand> ownCommand() {
            return own;
        }

        @Override
        public long startDetached(List<String> command, Path directory) throws IOException {
            if (startFails) {
                throw new IOException("no such program");
            }
            started.add(command);
            onStart.run();
            return SUCCESSOR;
        }
    }
}
