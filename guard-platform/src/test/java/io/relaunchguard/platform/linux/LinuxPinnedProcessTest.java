package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

class LinuxPinnedProcessTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    private final RecordingPidfd kernel = new RecordingPidfd();

    @Tag("H13")
    @Test
    void seesTheExitOfAZombieThroughThePin() {
        long zombie = processes.zombie();
        CountDownLatch told = new CountDownLatch(1);

        try (PinnedProcess pin = pin(zombie)) {
            pin.onExit(told::countDown);

            assertThat(pin.hasExited()).isTrue();
            assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);
            assertThat(pin.activity()).isInstanceOf(Observation.Absent.class);
            await().until(() -> told.getCount() == 0);
        }
    }

    @Tag("H02")
    @Test
    void hitsNobodyAfterTheProcessIsGone() throws InterruptedException {
        Process child = processes.sleep();
        Process bystander = processes.sleep();
        try (PinnedProcess pin = pin(child.pid())) {
            child.destroyForcibly().waitFor();

            assertThat(pin.forceExit()).isEqualTo(new SentSignal(Signal.KILL, child.pid(), SentSignal.Result.GONE, ""));
            assertThat(pin.requestExit())
                    .containsExactly(new SentSignal(Signal.TERM, child.pid(), SentSignal.Result.GONE, ""));
            assertThat(pin.resumeIfStopped()).isEmpty();
            assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);
            assertThat(bystander.isAlive()).isTrue();
        }
    }

    @Tag("H02")
    @Test
    @Needs(Need.NAMESPACES)
    void hitsNoSuccessorUnderTheSamePid() throws Exception {
        assertThat(processes
                        .jvm(List.of("unshare", "-p", "-f", "--mount-proc"), Map.of(), "-", folder, "recycle")
                        .hear())
                .isEqualTo("identity Absent, [GONE] GONE, activity Absent, successor alive");
    }

    @Tag("H02")
    @Test
    void doesNotBelieveAReadingIfTheProcessHasExitedAfterIt() {
        Process child = processes.sleep();
        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.identity()).isInstanceOf(Observation.Seen.class);

            kernel.allExited = true;

            assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);
            assertThat(pin.activity()).isInstanceOf(Observation.Absent.class);
        }
    }

    @Tag("H02")
    @Test
    void readsNothingOfAPidThatItHasLetGo() {
        Process child = processes.sleep();
        PinnedProcess pin = pin(child.pid());
        pin.close();

        assertThat(pin.identity()).isInstanceOf(Observation.Unknown.class);
        assertThat(pin.activity()).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H03")
    @Test
    void asksAStoppedProcessToExitAndLetsItRun() throws InterruptedException {
        Process child = processes.sleep();
        StartedProcesses.stop(child.pid());

        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.requestExit()).containsExactly(delivered(Signal.TERM, child), delivered(Signal.CONT, child));
        }

        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(128 + 15);
        assertThat(kernel.calls).contains("signal 15", "signal 18");
    }

    @Tag("H04")
    @Test
    void asksARunningProcessToExitOnceAndSendsNothingElse() throws InterruptedException {
        Process child = processes.start("sh", "-c", "trap '' TERM; echo ready; while :; do read x; done");
        ready(child);

        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.requestExit()).containsExactly(delivered(Signal.TERM, child));
            assertThat(pin.resumeIfStopped()).isEmpty();
            assertThat(pin.hasExited()).isFalse();
            assertThat(pin.forceExit()).isEqualTo(delivered(Signal.KILL, child));
        }

        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(128 + 9);
    }

    @Test
    void resumesAStoppedProcess() {
        Process child = processes.sleep();
        StartedProcesses.stop(child.pid());

        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.resumeIfStopped()).containsExactly(delivered(Signal.CONT, child));
            StartedProcesses.awaitState(child.pid(), 'S');
            assertThat(pin.hasExited()).isFalse();
        }
    }

    @Test
    void saysInTheKernelsWordsWhyASignalWasRefused() {
        Process child = processes.sleep();
        kernel.signalRefusal = 1;

        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.forceExit())
                    .isEqualTo(new SentSignal(
                            Signal.KILL, child.pid(), SentSignal.Result.REFUSED, "Operation not permitted"));
        }
        assertThat(child.isAlive()).isTrue();
    }

    @Tag("H17")
    @Test
    void tellsOfTheExitOnceOnAThreadOfItsOwn() throws InterruptedException {
        Process child = processes.sleep();
        AtomicInteger told = new AtomicInteger();
        AtomicReference<String> teller = new AtomicReference<>();

        try (PinnedProcess pin = pin(child.pid())) {
            pin.onExit(() -> {
                teller.set(Thread.currentThread().getName());
                told.incrementAndGet();
            });
            assertThat(pin.hasExited()).isFalse();
            assertThat(told).hasValue(0);

            child.destroyForcibly().waitFor();

            await().until(() -> told.get() > 0);
            assertThat(pin.hasExited()).isTrue();
        }
        assertThat(told).hasValue(1);
        assertThat(teller).hasValue("relaunch-guard-exit-" + child.pid());
    }

    @Test
    void tellsNothingOnceItIsClosed() throws InterruptedException {
        Process child = processes.sleep();
        AtomicInteger told = new AtomicInteger();
        PinnedProcess pin = pin(child.pid());
        pin.onExit(told::incrementAndGet);

        pin.close();
        child.destroyForcibly().waitFor();

        assertThat(exitThreads(child.pid())).isEmpty();
        assertThat(told).hasValue(0);
    }

    @Test
    void canBeClosedByItsOwnCallback() throws InterruptedException {
        Process child = processes.sleep();
        PinnedProcess pin = pin(child.pid());
        CountDownLatch closed = new CountDownLatch(1);
        pin.onExit(() -> {
            pin.close();
            closed.countDown();
        });

        child.destroyForcibly().waitFor();

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        await().untilAsserted(() -> assertThat(exitThreads(child.pid())).isEmpty());
        assertThat(kernel.calls.stream().filter("close"::equals)).hasSize(2);
    }

    @Test
    void closesItsDescriptorsOnceHoweverOftenItIsClosed() {
        Process child = processes.sleep();
        PinnedProcess pin = pin(child.pid());
        pin.onExit(() -> {});

        pin.close();
        pin.close();

        assertThat(kernel.calls.stream().filter("close"::equals)).hasSize(2);
    }

    @Test
    void refusesToAwaitTheExitTwiceOrAfterItWasLetGo() {
        Process child = processes.sleep();
        PinnedProcess pin = pin(child.pid());
        pin.onExit(() -> {});

        assertThatThrownBy(() -> pin.onExit(() -> {})).isInstanceOf(IllegalStateException.class);
        pin.close();
        assertThatThrownBy(() -> pin.onExit(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Tag("H02")
    @Test
    void sendsNothingAfterItWasLetGo() {
        Process child = processes.sleep();
        PinnedProcess pin = pin(child.pid());
        pin.close();

        assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.REFUSED);
        assertThat(pin.requestExit()).extracting(SentSignal::result).containsOnly(SentSignal.Result.REFUSED);
        assertThat(kernel.calls).noneMatch(call -> call.startsWith("signal"));
        assertThat(child.isAlive()).isTrue();
    }

    @Test
    void takesAnErrorOfTheDescriptorForNoExit() {
        Pidfd system = Pidfd.system();
        int pidfd = system.open((int) processes.sleep().pid());
        system.close(pidfd);

        assertThatThrownBy(() -> system.hasExited(pidfd)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void leavesNoThreadAndNoDescriptorBehind() throws IOException {
        Process child = processes.sleep();
        pin(child.pid()).close();
        List<PinnedProcess> pins = new ArrayList<>();
        long before = descriptors();

        for (int i = 0; i < 100; i++) {
            PinnedProcess pin = pin(child.pid());
            pin.onExit(() -> {});
            pins.add(pin);
        }
        assertThat(exitThreads(child.pid())).hasSize(100);
        assertThat(descriptors()).isGreaterThanOrEqualTo(before + 200);
        pins.forEach(PinnedProcess::close);

        assertThat(exitThreads(child.pid())).isEmpty();
        await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before));
    }

    @Tag("H03")
    @Test
    void seesAProcessWorkAndWrite(@TempDir(factory = OnDisk.class) Path disk) throws IOException {
        Path file = disk.resolve("written");
        Files.createFile(file);
        // It never makes the file anew: the folder is deleted while this still runs.
        Process busy = processes.start(
                "sh",
                "-c",
                "while :; do dd if=/dev/zero of=\"$0\" bs=64k count=4 conv=fsync,nocreat 2>/dev/null; done",
                file.toString());
        Process writer = processes.start("sh", "-c", "while :; do :; done");
        Process idle = processes.sleep();
        StartedProcesses.awaitSleep(idle.pid());
        try (PinnedProcess working = pin(writer.pid());
                PinnedProcess sleeping = pin(idle.pid());
                PinnedProcess writing = pin(busy.pid())) {
            Activity earlier = activity(working);
            Activity asleep = activity(sleeping);
            Activity written = activity(writing);

            await().until(() ->
                    activity(working).cpuTime().compareTo(earlier.cpuTime().plus(Duration.ofMillis(50))) > 0);
            await().until(() -> activity(writing).bytesWritten() > written.bytesWritten()
                    && activity(writing).writes() > written.writes());
            assertThat(activity(sleeping)).isEqualTo(asleep);
        }
    }

    /** What an idle JVM does with its performance data. */
    @Tag("H03")
    @Test
    void aPageOfAMappedFileThatIsWrittenBackTimeAndAgainIsNotAskedFor(@TempDir(factory = OnDisk.class) Path disk)
            throws IOException {
        Path file = disk.resolve("mapped");
        Process idle = processes.start(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                IdleWithAMappedFile.class.getName(),
                file.toString());
        ready(idle);
        try (PinnedProcess pin = pin(idle.pid());
                FileChannel mapped = FileChannel.open(file, StandardOpenOption.WRITE)) {
            // The kernel may count the write of "ready" after it was read.
            Activity earlier = writtenBack(pin, mapped, activity(pin));

            Activity later = writtenBack(pin, mapped, earlier);

            assertThat(later.writes()).isEqualTo(earlier.writes());
            assertThat(later.isProgressSince(earlier, Duration.ofDays(1))).isFalse();
        }
    }

    private static Activity writtenBack(PinnedProcess pin, FileChannel mapped, Activity earlier) {
        return await().until(
                        () -> {
                            mapped.force(true);
                            return activity(pin);
                        },
                        later -> later.bytesWritten() > earlier.bytesWritten());
    }

    /** The folder for temporary files may be in memory: nothing is written to storage there. */
    static final class OnDisk implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            return Files.createTempDirectory(Path.of("target"), "disk");
        }
    }

    private PinnedProcess pin(long pid) {
        return new LinuxProcessTable(new Proc(Path.of("/proc")), kernel, folder)
                .pin(pid)
                .toOptional()
                .orElseThrow();
    }

    private static Activity activity(PinnedProcess pin) {
        return pin.activity().toOptional().orElseThrow();
    }

    private static void ready(Process process) {
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SentSignal delivered(Signal signal, Process process) {
        return new SentSignal(signal, process.pid(), SentSignal.Result.DELIVERED, "");
    }

    private static List<Thread> exitThreads(long pid) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("relaunch-guard-exit-" + pid))
                .toList();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
