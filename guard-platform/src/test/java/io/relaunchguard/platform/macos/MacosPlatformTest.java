package io.relaunchguard.platform.macos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.platform.Markers;
import io.relaunchguard.platform.posix.DirectoryLocks;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ports of macOS together, on the shared POSIX part and XNU in memory. */
class MacosPlatformTest {

    @TempDir
    Path profile;

    private final FakeXnu kernel = new FakeXnu();
    private final FakeXnu.Task self = kernel.start((int) ProcessHandle.current().pid(), 1);
    private ProfilePorts ports;

    @Tag("H09")
    @Tag("H10")
    @Test
    void readsTheHost() {
        kernel.uuid = ByteBuffer.allocate(16)
                .putLong(0x0123456789abcdefL)
                .putLong(0x8123456789abcdefL)
                .array();

        assertThat(host())
                .isEqualTo(new HostIdentity(
                        self.pid,
                        Observation.seen("mac.example"),
                        Observation.seen("5B1D5C0E-0000-4000-8000-00000000ABCD"),
                        Observation.seen("01234567-89AB-CDEF-8123-456789ABCDEF"),
                        Observation.seen("macos"),
                        Observation.seen("none"),
                        Observation.seen("501")));
    }

    @Tag("H12")
    @Test
    void whatTheHostDoesNotTellIsNotMadeUp() {
        kernel.bootSession = null;
        kernel.hostName = new byte[] {(byte) 0xff, 0};

        assertThat(host().bootId()).isInstanceOf(Observation.Unknown.class);
        assertThat(host().host()).isInstanceOf(Observation.Unknown.class);
        assertThat(host().machineId()).isInstanceOf(Observation.Absent.class);
        kernel.bootSession = "";
        assertThat(host().bootId()).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H14")
    @Test
    void theAgeOfAMarkerGoesOnInSleep() {
        kernel.ticks = 24_000_000L * 3600;

        assertThat(new MacosClock(kernel).sinceBoot()).isEqualTo(Observation.seen(Duration.ofHours(1)));
        kernel.ticks = 24_000_000L * 3600 * 24 * 365 * 50;
        assertThat(new MacosClock(kernel).sinceBoot()).isEqualTo(Observation.seen(Duration.ofDays(365 * 50)));
        kernel.timebase = new Xnu.Timebase(1, 1);
        kernel.ticks = 42;
        assertThat(new MacosClock(kernel).sinceBoot()).isEqualTo(Observation.seen(Duration.ofNanos(42)));
    }

    @Test
    void waitsUntilTheDeadlineAndNoLonger() throws InterruptedException {
        MacosClock clock = new MacosClock(kernel);
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();

        assertThat(clock.poll(queue, clock.nanoTime() + 1)).isNull();
        queue.add("word");
        assertThat(clock.poll(queue, clock.nanoTime())).isEqualTo("word");
    }

    @Tag("H05")
    @Test
    void believesAMarkerOfThisUserAlone() throws Exception {
        self.user = (int) Files.getAttribute(profile, "unix:uid");
        self.effectiveUser = self.user;
        ports().markers().write(Markers.marker("nonce"));

        assertThat(ports().markers().peek()).isInstanceOf(MarkerReading.Valid.class);
        self.user++;
        self.effectiveUser++;
        assertThat(ports().markers().peek()).isInstanceOf(MarkerReading.Invalid.class);
        self.user++;
        assertThat(ports().markers().peek()).isInstanceOf(MarkerReading.Unreadable.class);
    }

    @Test
    void hearsOfChangesInTheProfileUntilItIsClosed() {
        AtomicInteger heard = new AtomicInteger();
        Watch watch = ports().lock().watch(heard::incrementAndGet);

        kernel.changeDirectories();
        await().until(() -> heard.get() == 1);
        kernel.changeDirectories();
        await().until(() -> heard.get() == 2);
        watch.close();
        watch.close();

        assertThat(kernel.open).isEmpty();
        assertThat(heard).hasValue(2);
    }

    @Test
    void aWatchThatIsClosedByWhatItCallsWaitsNoMoreAndIsClosedOnce() {
        AtomicReference<Watch> watch = new AtomicReference<>();
        AtomicInteger heard = new AtomicInteger();
        watch.set(ports().lock().watch(() -> {
            watch.get().close();
            heard.incrementAndGet();
        }));

        kernel.changeDirectories();
        await().until(() -> heard.get() == 1);

        await().until(() -> kernel.open.isEmpty());
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("relaunch-guard-directory")));
        watch.get().close();
        assertThat(kernel.usedClosed).isEmpty();
        assertThat(heard).hasValue(1);
    }

    @Tag("H32")
    @Test
    void aLifeLockIsKeptByTheDirectory() {
        InstanceRecordStore instances = ports().instances();
        String name = instances.keepLifeLock().toOptional().orElseThrow();

        assertThat(instances.isFree(name)).isEqualTo(Observation.seen(false));
        assertThat(kernel.open).hasSize(1);
        assertThat(new MacosDirectoryLocks(kernel)).satisfies(locks -> {
            assertThat(locks.tryLock(profile, DirectoryLocks.Kind.SHARED)).isEmpty();
            assertThat(locks.tryLock(profile, DirectoryLocks.Kind.EXCLUSIVE)).isEmpty();
        });
    }

    @Test
    void isForMacosAlone() {
        MacosPlatform platform = new MacosPlatform();

        assertThat(platform.isCurrent()).isEqualTo(System.getProperty("os.name").equals("Mac OS X"));
        assertThat(platform.cacheDirectory()).endsWithRaw(Path.of("Library", "Caches"));
    }

    private HostIdentity host() {
        return ports().host().read();
    }

    private ProfilePorts ports() {
        ports = ports == null ? MacosPlatform.open(profile, kernel) : ports;
        return ports;
    }
}
