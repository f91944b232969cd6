package io.relaunchguard.statemachine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.consent.ThreadDumpStore;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("H50")
class DeadlineEndTest {

    private final World world = new World();
    private final AtomicInteger ends = new AtomicInteger();
    private ConsentMarker consent;

    @BeforeEach
    void consents() throws IOException {
        consent = new MarkerWriter(world.ports()).write(world.launcher.pid, "1", "2", Duration.ofSeconds(10));
    }

    @Test
    void writesWhatTheThreadsDoBeforeTheEnd() {
        DeadlineEnd end = new DeadlineEnd(ports(), () -> {
            assertThat(world.threadDumps).containsOnlyKeys(consent.nonce());
            ends.incrementAndGet();
        });
        assertThat(end.of(consent)).isSameAs(consent);

        end.run();

        assertThat(ends).hasValue(1);
        assertThat(world.threadDumps.get(consent.nonce()))
                .startsWith("Process %d had not ended by the deadline of its consent, at ".formatted(consent.pid()))
                .contains("io.relaunchguard.statemachine.DeadlineEndTest.writesWhatTheThreadsDoBeforeTheEnd");
    }

    @Test
    void endsWithoutADumpBeforeAnybodyHasConsented() {
        new DeadlineEnd(ports(), ends::incrementAndGet).run();

        assertThat(ends).hasValue(1);
        assertThat(world.threadDumps).isEmpty();
    }

    @Test
    void endsInTimeWhenTheDumpIsNotWritten() {
        CountDownLatch thaw = new CountDownLatch(1);
        DeadlineEnd end = new DeadlineEnd(ports(new Frozen(thaw)), ends::incrementAndGet);
        end.of(consent);
        long began = System.nanoTime();

        end.run();

        Duration took = Duration.ofNanos(System.nanoTime() - began);
        thaw.countDown();
        assertThat(ends).hasValue(1);
        assertThat(took).isBetween(Duration.ofMillis(200), Duration.ofSeconds(2));
        await().atMost(10, SECONDS)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("relaunch-guard-thread-dump")));
    }

    @Test
    void endsWhenTheDumpCannotBeWritten() {
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.THREAD_DUMP_WRITE) {
                    throw new OutOfMemoryError("made up");
                }
            }
        };
        DeadlineEnd end = new DeadlineEnd(ports(), ends::incrementAndGet);
        end.of(consent);

        end.run();

        assertThat(ends).hasValue(1);
    }

    @Test
    @Tag("H52")
    void endsABrowserInAProcessOfItsOwnThatHasConsented() throws IOException {
        WorldProcess browser = browser();
        DeadlineEnd end = new DeadlineEnd(ports(), () -> {
            assertThat(browser.isAlive()).isFalse();
            ends.incrementAndGet();
        });
        end.of(consentOf(browser));

        end.run();

        assertThat(ends).hasValue(1);
        assertThat(sent()).containsExactly(Signal.TERM);
    }

    @Test
    @Tag("H52")
    void forcesABrowserThatDoesNotFollow() throws IOException {
        WorldProcess browser = browser();
        browser.ignoresTerm = true;
        DeadlineEnd end = new DeadlineEnd(ports(), ends::incrementAndGet);
        end.of(consentOf(browser));

        end.run();

        assertThat(ends).hasValue(1);
        assertThat(sent()).containsExactly(Signal.TERM, Signal.KILL);
        assertThat(browser.isAlive()).isFalse();
        assertThat(world.open).isEmpty();
    }

    @Test
    @Tag("H04")
    @Tag("H52")
    void asksNoBrowserASecondTimeThatALauncherHasAskedAlready() throws IOException {
        WorldProcess browser = browser();
        DeadlineEnd end = new DeadlineEnd(ports(), ends::incrementAndGet);
        end.of(consentOf(browser));
        world.claim = new MarkerReading.Valid(((MarkerReading.Valid) world.marker).marker(), true);
        world.marker = new MarkerReading.Absent();

        end.run();

        assertThat(ends).hasValue(1);
        assertThat(sent()).containsExactly(Signal.KILL);
    }

    /** What stands against the end of a browser. */
    private enum Obstacle {
        ANOTHER_HAS_ITS_PID((world, browser) -> {
            world.exit(browser);
            world.reap(browser);
            world.lockNames(world.child(world.launcher, browser.pid));
        }),
        WITHDRAWN((world, browser) -> world.marker = new MarkerReading.Absent()),
        UNREADABLE((world, browser) -> world.marker = new MarkerReading.Unreadable("permission denied")),
        ANOTHER_CONSENTED((world, browser) -> world.consent(world.process(4712))),
        NOT_IN_THE_LOCK((world, browser) -> world.removeLock()),
        ANOTHER_IN_THE_LOCK((world, browser) -> world.lockNames(world.process(4712))),
        LOCK_UNREADABLE((world, browser) -> world.lockIs(Observation.unknown("permission denied"))),
        OTHER_USER((world, browser) -> browser.user = Observation.seen("0")),
        USER_UNKNOWN((world, browser) -> browser.user = Observation.unknown("permission denied")),
        NOT_PINNABLE((world, browser) -> browser.pinnable = false);

        // A lambda without state is immutable, though its type cannot say so.
        @SuppressWarnings("ImmutableEnumChecker")
        private final BiConsumer<World, WorldProcess> setting;

        Obstacle(BiConsumer<World, WorldProcess> setting) {
            this.setting = setting;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H52")
    void endsNoBrowserWithoutEveryProofThatItIsTheOneWhichConsented(Obstacle obstacle) throws IOException {
        WorldProcess browser = browser();
        DeadlineEnd end = new DeadlineEnd(ports(), ends::incrementAndGet);
        end.of(consentOf(browser));
        obstacle.setting.accept(world, browser);

        end.run();

        assertThat(ends).hasValue(1);
        assertThat(world.signals).isEmpty();
        assertThat(world.open).isEmpty();
    }

    private WorldProcess browser() {
        WorldProcess browser = world.child(world.launcher, 4711);
        world.lockNames(browser);
        return browser;
    }

    private ConsentMarker consentOf(WorldProcess process) throws IOException {
        return new MarkerWriter(world.ports()).write(process.pid, "1", "2", Duration.ofSeconds(10));
    }

    private List<Signal> sent() {
        return world.signals.stream().map(ReceivedSignal::signal).toList();
    }

    private ProfilePorts ports() {
        return ports(world.ports().threadDumps());
    }

    /** Those of the world, but where a thread is waited for, that is real. */
    private ProfilePorts ports(ThreadDumpStore dumps) {
        ProfilePorts ports = world.ports();
        return new ProfilePorts(
                ports.profile(),
                ports.host(),
                ports.processes(),
                ports.lock(),
                ports.instances(),
                ports.markers(),
                ports.launchLock(),
                ports.history(),
                dumps,
                new Waiting(ports.clock()));
    }

    /** The browser ends in the world's time. */
    private record Waiting(GuardClock world) implements GuardClock {

        private static final RealClock REAL = new RealClock();

        @Override
        public long nanoTime() {
            return clock().nanoTime();
        }

        private GuardClock clock() {
            return Thread.currentThread().getName().equals("relaunch-guard-browser-end") ? world : REAL;
        }

        @Override
        public Observation<Duration> sinceBoot() {
            return world.sinceBoot();
        }

        @Override
        public Instant now() {
            return world.now();
        }

        @Override
        public <T> T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
            return clock().poll(queue, deadline);
        }
    }

    /** Real ones are in FrozenProfileIT; here it is told when it thaws. */
    private record Frozen(CountDownLatch thaw) implements ThreadDumpStore {

        @Override
        public void write(String nonce, String dump) throws IOException {
            try {
                thaw.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public Optional<Path> find(String nonce) {
            return Optional.empty();
        }
    }
}
