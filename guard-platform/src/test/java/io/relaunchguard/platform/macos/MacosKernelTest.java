package io.relaunchguard.platform.macos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The ports on a real macOS, with processes of its own: what only a Mac can show. */
@EnabledOnOs(OS.MAC)
@Tag("H25")
class MacosKernelTest {

    @TempDir
    Path profile;

    private ProfilePorts ports;
    private Process child;

    @BeforeEach
    void start() throws Exception {
        ports = new MacosPlatform().open(profile);
        child = new ProcessBuilder("/bin/sleep", "300").start();
    }

    @AfterEach
    void end() {
        child.destroyForcibly().onExit().join();
    }

    @Test
    void readsItselfAndItsChildAsTheJdkDoes() {
        ProcessIdentity self = identity(ProcessHandle.current().pid());
        ProcessIdentity sleeper = identity(child.pid());

        assertThat(self.lineage()).isEqualTo(Observation.seen(Lineage.SELF));
        assertThat(sleeper.lineage()).isEqualTo(Observation.seen(Lineage.DESCENDANT));
        assertThat(sleeper.user())
                .isEqualTo(self.user())
                .isEqualTo(ports.host().read().user());
        assertThat(sleeper.executable()).isEqualTo(Observation.seen("/bin/sleep"));
        assertThat(Long.parseLong(sleeper.start()) / 1000)
                .isEqualTo(child.info().startInstant().orElseThrow().toEpochMilli());
    }

    @Test
    void readsTheHost() {
        HostIdentity host = ports.host().read();

        assertThat(host.host()).isInstanceOf(Observation.Seen.class);
        assertThat(host.bootId()).isInstanceOf(Observation.Seen.class);
        assertThat(host.machineId()).isInstanceOf(Observation.Seen.class);
        assertThat(ports.clock().sinceBoot().toOptional().orElseThrow())
                .isPositive()
                .isLessThan(Duration.ofDays(3650));
    }

    @Tag("H02")
    @Tag("H13")
    @Test
    void asksAStoppedProcessAndSeesItsExit() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (PinnedProcess pin = ports.processes().pin(child.pid()).toOptional().orElseThrow()) {
            new ProcessBuilder("/bin/kill", "-STOP", Long.toString(child.pid()))
                    .start()
                    .waitFor();
            pin.onExit(told::countDown);
            assertThat(pin.activity()).isInstanceOf(Observation.Seen.class);

            assertThat(pin.requestExit())
                    .extracting(sent -> sent.signal() + " " + sent.result())
                    .containsExactly("TERM DELIVERED", "CONT DELIVERED");

            await().until(() -> told.getCount() == 0);
            await().until(pin::hasExited);
            child.waitFor();
            assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.GONE);
            assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);
        }
    }

    @Tag("H02")
    @Test
    void theKernelRefusesAnotherVersionOfTheSamePid() {
        Xnu kernel = new XnuKernel();
        ProcessReader.Version version =
                new ProcessReader(kernel).version(child.pid()).toOptional().orElseThrow();

        assertThat(kernel.signal((int) child.pid(), version.version() + 1, 9)).isEqualTo(Xnu.ESRCH);
        assertThat(child.isAlive()).isTrue();
        assertThat(kernel.signal((int) child.pid(), version.version(), 9)).isZero();
    }

    @Tag("H16")
    @Test
    void seesAFileThatIsOpenBelowTheProfileInAnyCase() throws Exception {
        Path file = Files.createFile(profile.resolve("Cookies"));
        FoldedPath directory = FoldedPath.of(Path.of(profile.toString().toLowerCase(Locale.ROOT)));
        try (var open = Files.newByteChannel(file)) {
            assertThat(new ProcessReader(new XnuKernel())
                            .hasOpenFilesBelow(ProcessHandle.current().pid(), directory))
                    .isEqualTo(Observation.seen(true));
            assertThat(open.isOpen()).isTrue();
        }
    }

    @Test
    void hearsOfAChangeInTheProfile() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        try (Watch watch = ports.lock().watch(heard::incrementAndGet)) {
            Files.createSymbolicLink(profile.resolve("SingletonLock"), Path.of("mac.example-4711"));

            await().atMost(Duration.ofSeconds(2)).until(() -> heard.get() > 0);
            assertThat(watch).isNotNull();
        }
    }

    @Tag("H06")
    @Test
    void startsAProgramInASessionOfItsOwn() throws Exception {
        long pid = new MacosPlatform().startDetached(List.of("/bin/sleep", "300"), profile);
        try (PinnedProcess pin = ports.processes().pin(pid).toOptional().orElseThrow()) {
            assertThat(new XnuKernel().session((int) pid)).isEqualTo((int) pid);
            pin.forceExit();
            await().until(pin::hasExited);
        }
    }

    private ProcessIdentity identity(long pid) {
        return ports.processes().look(pid).toOptional().orElseThrow();
    }
}
