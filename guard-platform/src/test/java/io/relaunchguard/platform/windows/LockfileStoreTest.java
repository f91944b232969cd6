package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("windows")
class LockfileStoreTest {

    private static final String HOST = "desk-7";

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    private Path file;

    @BeforeEach
    void name() {
        file = profile.resolve("lockfile");
    }

    @AfterEach
    void letGo() {
        WindowsChild.letGo();
    }

    private LockfileStore store() {
        return store(List.of(RestartManager::holderOf, OpenFiles::holderOf));
    }

    private LockfileStore store(List<Function<Path, Observation<Holder>>> proofs) {
        return new LockfileStore(profile, () -> Observation.seen(HOST), proofs, new WindowsClock());
    }

    private long hold() {
        Conversation holder = processes.jvm(WindowsChild.class, "hold", profile);
        assertThat(holder.hear()).isEqualTo("true");
        return holder.process().pid();
    }

    @Test
    void findsNoLockWhereThereIsNoFile() {
        assertThat(store().read()).isInstanceOf(Observation.Absent.class);
        assertThat(store().since()).isInstanceOf(Observation.Absent.class);
        assertThat(store().remove(new SingletonLock(HOST, 4711))).isFalse();
    }

    @Test
    void namesTheProcessThatHasTheFileOpen() {
        long pid = hold();

        assertThat(store().read()).isEqualTo(Observation.seen(new SingletonLock(HOST, pid)));
        assertThat(store().since().toOptional())
                .hasValueSatisfying(since -> assertThat(Duration.between(since, Instant.now()))
                        .isBetween(Duration.ofSeconds(-1), Duration.ofMinutes(1)));
    }

    @Test
    void namesThisProcessToo() {
        assertThat(WindowsChild.hold(profile)).isTrue();

        assertThat(store().read())
                .isEqualTo(Observation.seen(
                        new SingletonLock(HOST, ProcessHandle.current().pid())));
    }

    @Test
    void doesNotTakeAReaderForTheHolder() throws IOException {
        long pid = hold();

        try (var reader = Files.newInputStream(file)) {
            assertThat(store().read()).isEqualTo(Observation.seen(new SingletonLock(HOST, pid)));
        }
    }

    @Tag("H01")
    @Test
    void aFileThatNobodyHasOpenIsNoLock() throws IOException {
        Files.createFile(file);

        assertThat(store().read()).isInstanceOf(Observation.Absent.class);
        assertThat(file).exists();
    }

    @Tag("H18")
    @Test
    void isGoneWithItsHolder() {
        hold();
        AtomicInteger changes = new AtomicInteger();
        try (Watch watch = store().watch(changes::incrementAndGet)) {
            processes.endAll();

            await().untilAsserted(() -> assertThat(store().read()).isInstanceOf(Observation.Absent.class));
            await().until(() -> changes.get() > 0);
        }
        assertThat(file).doesNotExist();
    }

    @Tag("H12")
    @Test
    void cannotTellWhoHoldsItWhenTheHolderCannotBeExamined() {
        Conversation holder = processes.jvm(WindowsChild.class, "deny", profile);
        assertThat(holder.hear()).isEqualTo("0");

        assertThat(store().read()).isInstanceOf(Observation.Unknown.class);
        assertThat(store().read().shortfall()).contains("its PID cannot be found");
        assertThat(file).exists();
    }

    @Tag("H12")
    @Test
    void cannotTellWhoHoldsItWhenNobodyNamesTheHolder() {
        hold();

        assertThat(store(List.of(RestartManager::holderOf, any -> Observation.unknown("asked in vain")))
                        .read()
                        .shortfall())
                .contains("its PID cannot be found")
                .contains("asked in vain");
    }

    /** Wine's answers with nobody; a real one must name the holder, and either may be asked. */
    @Test
    void theRestartManagerNamesTheHolderOrNobody() throws IOException {
        long pid = hold();

        Observation<Holder> named = RestartManager.holderOf(file);

        if (named instanceof Observation.Seen<Holder> seen) {
            assertThat(seen.value())
                    .isEqualTo(OpenFiles.holderOf(file).toOptional().orElseThrow());
            assertThat(seen.value().pid()).isEqualTo(pid);
        } else {
            assertThat(named.shortfall()).contains("knows of no process");
        }
        assertThat(RestartManager.holderOf(Files.createFile(profile.resolve("unused"))))
                .isInstanceOf(Observation.Absent.class);
    }

    /** An error code of RmGetList goes with a list that means nothing. */
    @Tag("H12")
    @Test
    void doesNotBelieveAnAnswerWithAnError() {
        ByteBuffer list =
                ByteBuffer.allocate(668).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 4711);

        Observation<Holder> answer = RestartManager.answer(NativeCalls.ERROR_MORE_DATA, list, 1);

        assertThat(answer).isInstanceOf(Observation.Unknown.class);
        assertThat(answer.shortfall()).contains("error 234");
    }

    @Tag("H02")
    @Test
    void doesNotTakeAnotherProcessWithTheHoldersPidForTheHolder() {
        long pid = hold();
        Observation<Holder> former = OpenFiles.holderOf(file).map(now -> new Holder(pid, now.created() - 1));

        assertThat(store(List.of(any -> former)).read()).isInstanceOf(Observation.Unknown.class);
        assertThat(store(List.of(any -> former)).read().shortfall()).contains("another process has its PID now");
    }

    @Tag("H22")
    @Test
    void cannotTellWhatADirectoryInItsPlaceMeans() throws IOException {
        Files.createDirectory(file);

        assertThat(store().read()).isInstanceOf(Observation.Unknown.class);
        assertThat(file).isDirectory();
    }

    @Tag("H08")
    @Test
    void removesNoFileThatSomebodyHasOpen() {
        long pid = hold();

        assertThat(store().remove(new SingletonLock(HOST, pid))).isFalse();

        assertThat(file).exists();
        assertThat(store().read()).isEqualTo(Observation.seen(new SingletonLock(HOST, pid)));
    }

    @Tag("H08")
    @Test
    void removesAFileThatNobodyHasOpen() throws IOException {
        Files.createFile(file);

        assertThat(store().remove(new SingletonLock(HOST, 4711))).isTrue();

        assertThat(file).doesNotExist();
    }
}
