package io.relaunchguard.statemachine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.statemachine.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The outgoing side, in a world; {@code RelaunchHandoffIT} has the real one. */
class RelaunchHandoffTest {

    private static final Path HERE = Path.of(".");

    private final World world = new World();
    private final List<List<String>> started = new ArrayList<>();
    private final AtomicInteger halts = new AtomicInteger();
    private final Watchdog watchdog = new Watchdog(new RealClock(), Duration.ofMinutes(5), halts::incrementAndGet);
    private boolean startFails;

    @AfterEach
    void disarm() {
        watchdog.disarm();
    }

    @Test
    @Tag("H05")
    void consentsForItselfAndStandsByItOnceTheSuccessorIsStarted() throws IOException {
        try (RelaunchHandoff handoff = begin()) {
            assertThat(handoff.start(List.of("app", "--after-update"), HERE)).isEqualTo(4711);
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
                        new Starter(),
                        ports.markers(),
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
                        new Starter(),
                        ports.markers(),
                        () -> {
                            armed.add(Thread.getAllStackTraces().keySet().stream()
                                    .anyMatch(thread -> thread.getName().equals("relaunch-guard-watchdog")));
                            return new MarkerWriter(ports).write(world.launcher.pid, "1", "2", Duration.ofSeconds(10));
                        },
                        watchdog)
                .close();

        assertThat(armed).containsExactly(true);
    }

    private RelaunchHandoff begin() throws IOException {
        ProfilePorts ports = world.ports();
        return RelaunchHandoff.begin(
                new Starter(),
                ports.markers(),
                () -> new MarkerWriter(ports).write(world.launcher.pid, "1", "2", Duration.ofSeconds(10)),
                watchdog);
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
        public long startDetached(List<String> command, Path directory) throws IOException {
            if (startFails) {
                throw new IOException("no such program");
            }
            started.add(command);
            return 4711;
        }
    }
}
