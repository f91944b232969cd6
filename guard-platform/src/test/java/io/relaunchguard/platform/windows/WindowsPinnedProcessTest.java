package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.jna.platform.win32.Kernel32;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("windows")
class WindowsPinnedProcessTest {

    /** From 1601 to 1970, in a FILETIME's units. */
    private static final long EPOCH = 116_444_736_000_000_000L;

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    private WindowsProcessTable table() {
        return new WindowsProcessTable(profile);
    }

    private PinnedProcess pin(long pid) {
        return table().pin(pid).toOptional().orElseThrow();
    }

    private Conversation child(Object... arguments) {
        Conversation child = processes.jvm(WindowsChild.class, arguments);
        child.hear();
        return child;
    }

    @Test
    void readsTheIdentityThroughTheHandle() {
        Process child = child("live").process();
        try (PinnedProcess pin = pin(child.pid())) {
            ProcessIdentity identity = pin.identity().toOptional().orElseThrow();

            assertThat(identity.pid()).isEqualTo(child.pid());
            assertThat(identity.state()).isEqualTo(ExecutionState.RUNNING);
            assertThat(identity.lineage()).isEqualTo(Observation.seen(Lineage.DESCENDANT));
            assertThat(identity.executable().toOptional())
                    .hasValueSatisfying(path -> assertThat(path).endsWith("java.exe"));
            assertThat(identity.user())
                    .isEqualTo(new WindowsHost().read().user())
                    .isInstanceOf(Observation.Seen.class);
            assertThat(identity.user().toOptional().orElseThrow()).matches("S-1-5-[0-9-]+:[0-9]+");
        }
    }

    @Tag("H29")
    @Test
    void letsALiveProcessComeToTheFrontAndNoOther() throws InterruptedException {
        Process child = child("live").process();
        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.allowForeground())
                    .isEqualTo(Observation.seen("process %d may come to the front".formatted(child.pid())));
            child.destroyForcibly().waitFor();
            assertThat(pin.allowForeground()).isInstanceOf(Observation.Absent.class);
        }
    }

    @Tag("H14")
    @Test
    void takesTheRawCreationTimeForTheStart() {
        Process child = child("live").process();
        try (PinnedProcess pin = pin(child.pid())) {
            long start =
                    Long.parseLong(pin.identity().toOptional().orElseThrow().start());

            Instant started = child.info().startInstant().orElseThrow();
            assertThat(Duration.between(started, Instant.ofEpochSecond(0, (start - EPOCH) * 100)))
                    .isBetween(Duration.ZERO, Duration.ofMillis(1));
        }
    }

    @Tag("H02")
    @Tag("H13")
    @Test
    void endsTheProcessThroughTheHandleAndSeesItsExit() throws InterruptedException {
        Process child = child("live").process();
        CountDownLatch told = new CountDownLatch(1);
        try (PinnedProcess pin = pin(child.pid())) {
            pin.onExit(told::countDown);
            assertThat(pin.hasExited()).isFalse();

            assertThat(pin.forceExit())
                    .isEqualTo(new SentSignal(Signal.KILL, child.pid(), SentSignal.Result.DELIVERED, ""));

            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(pin.hasExited()).isTrue();
            assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);
            assertThat(pin.activity()).isInstanceOf(Observation.Absent.class);
            assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.GONE);
            assertThat(pin.requestExit())
                    .containsExactly(new SentSignal(Signal.TERM, child.pid(), SentSignal.Result.GONE, ""));
        }
    }

    @Tag("H04")
    @Test
    void endsASuspendedProcess() throws InterruptedException {
        Process child = child("live").process();
        try (PinnedProcess pin = pin(child.pid())) {
            WindowsChild.suspend(child.pid());

            assertThat(pin.requestExit()).extracting(SentSignal::result).containsExactly(SentSignal.Result.REFUSED);
            assertThat(pin.resumeIfStopped()).isEmpty();
            assertThat(pin.hasExited()).isFalse();
            assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.DELIVERED);

            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(pin.hasExited()).isTrue();
        }
    }

    /** Threads get their ids from where processes do, and are cheaper. */
    @Tag("H02")
    @Test
    void keepsThePidOfAProcessThatHasExitedUntilThePinIsClosed() throws IOException, InterruptedException {
        long pid = startDetached();
        PinnedProcess pin = pin(pid);
        await().until(pin::hasExited);

        assertThat(isGivenAway(pid)).isFalse();
        assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);

        pin.close();
        assertThat(isGivenAway(pid)).isTrue();
    }

    @Tag("H02")
    @Test
    void doesNotTakeTheProcessThatGotThePidForTheOneThatHadIt() throws IOException, InterruptedException {
        long pid = startDetached();
        Holder former;
        try (PinnedProcess pin = pin(pid)) {
            former = new Holder(
                    pid,
                    Long.parseLong(pin.identity().toOptional().orElseThrow().start()));
            await().until(pin::hasExited);
        }

        Conversation successor = childWithPid(pid);

        long start = Long.parseLong(table().look(pid).toOptional().orElseThrow().start());
        assertThat(start).isGreaterThan(former.created());
        Files.createFile(profile.resolve("lockfile"));
        assertThat(new LockfileStore(
                                profile,
                                () -> Observation.seen("host"),
                                List.of(file -> Observation.seen(former)),
                                new WindowsClock())
                        .read()
                        .shortfall())
                .contains("another process has its PID now");
        assertThat(successor.process().isAlive()).isTrue();
    }

    /**
     * Starts processes just when it is this number's turn. Free numbers are given away one after the other, so the turn comes
     * after the same number as before; threads take them too, and are cheaper than processes.
     */
    private Conversation childWithPid(long pid) throws InterruptedException {
        long before = 0;
        long last = 0;
        for (int i = 0; i < 8000; i++) {
            AtomicLong given = new AtomicLong();
            Thread thread = new Thread(() -> given.set(Kernel32.INSTANCE.GetCurrentThreadId()));
            thread.start();
            thread.join();
            if (given.get() == before && before != 0) {
                Conversation next = child("live");
                if (next.process().pid() == pid) {
                    return next;
                }
                next.process().destroyForcibly().waitFor();
            } else if (given.get() == pid) {
                before = last;
            }
            last = given.get();
        }
        throw new AssertionError("number %d was not given away again".formatted(pid));
    }

    /** One that ends by itself, because it has no input, and that no Process object keeps a handle of. */
    private long startDetached() throws IOException {
        return new WindowsPlatform()
                .startDetached(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                WindowsChild.class.getName(),
                                "live"),
                        profile);
    }

    private static boolean isGivenAway(long id) throws InterruptedException {
        AtomicBoolean given = new AtomicBoolean();
        for (int i = 0; i < 2000 && !given.get(); i++) {
            Thread thread = new Thread(() -> given.set(Kernel32.INSTANCE.GetCurrentThreadId() == id));
            thread.start();
            thread.join();
        }
        return given.get();
    }

    @Tag("H12")
    @Test
    void doesNotTakeARefusalForAnAbsence() throws InterruptedException {
        Conversation child = processes.jvm(WindowsChild.class, "deny");
        assertThat(child.hear()).isEqualTo("0");
        long pid = child.process().pid();

        assertThat(table().pin(pid)).isInstanceOf(Observation.Unknown.class);
        assertThat(table().look(pid)).isInstanceOf(Observation.Unknown.class);
        assertThat(table().pin(pid).shortfall()).contains("error 5");
        assertThat(child.process().isAlive()).isTrue();
    }

    @Test
    void findsNoProcessWhereThereIsNone() throws IOException {
        long pid = startDetached();

        // A pin would keep the process's id.
        await().untilAsserted(() -> assertThat(table().look(pid)).isInstanceOf(Observation.Absent.class));
        assertThat(table().pin(pid)).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H06")
    @Test
    void opensNoProcessUnderANumberThatIsNotQuiteItsId() {
        long pid = child("live").process().pid();

        for (long near = pid + 1; near < pid + 4; near++) {
            assertThat(table().pin(near)).isInstanceOf(Observation.Absent.class);
        }
        for (long never : List.of(-1L, 0L, 1L, pid + (1L << 32))) {
            assertThat(table().pin(never)).isInstanceOf(Observation.Unknown.class);
        }
    }

    @Test
    void tellsWhatAProcessHasDone() {
        try (PinnedProcess pin = pin(child("live").process().pid())) {
            assertThat(pin.activity().toOptional())
                    .hasValueSatisfying(
                            activity -> assertThat(activity.cpuTime()).isPositive());
        }
    }

    @Test
    void endsTheWaitForAnExitWithThePin() {
        Process child = child("live").process();
        AtomicInteger told = new AtomicInteger();
        PinnedProcess pin = pin(child.pid());
        pin.onExit(told::incrementAndGet);
        assertThatThrownBy(() -> pin.onExit(told::incrementAndGet)).isInstanceOf(IllegalStateException.class);

        pin.close();
        pin.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("relaunch-guard-exit-" + child.pid());
        assertThat(told).hasValue(0);
        assertThat(pin.identity()).isInstanceOf(Observation.Unknown.class);
        assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.REFUSED);
        assertThat(pin.requestExit()).extracting(SentSignal::result).containsExactly(SentSignal.Result.REFUSED);
        assertThat(child.isAlive()).isTrue();
    }
}
