package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxProcessTableTest {

    private static final long SELF = ProcessHandle.current().pid();

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    private final RecordingPidfd kernel = new RecordingPidfd();

    @Tag("H06")
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, -5, 1L << 31, 4294967298L, Long.MAX_VALUE, Long.MIN_VALUE})
    void neverAsksTheKernelForAPidThatNoBrowserCanHave(long pid) {
        assertThat(table().pin(pid)).isInstanceOf(Observation.Unknown.class);
        table().look(pid);

        assertThat(kernel.calls).isEmpty();
    }

    @Test
    @Tag("H40")
    void needsNoNativeLibraryForAPidThatAProcThatHidesNothingDoesNotShow() {
        assertThat(table().pin(Integer.MAX_VALUE)).isInstanceOf(Observation.Absent.class);
        assertThat(table().look(Integer.MAX_VALUE)).isInstanceOf(Observation.Absent.class);

        assertThat(kernel.calls).isEmpty();
    }

    @Test
    void findsNoProcessThatHasBeenReaped() throws InterruptedException {
        Process gone = processes.start("true");
        gone.waitFor();

        assertThat(table().pin(gone.pid())).isInstanceOf(Observation.Absent.class);
        assertThat(table().look(gone.pid())).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void readsTheIdentityOfAChild() throws IOException {
        Process child = processes.sleep();
        String stat = Files.readString(Path.of("/proc/" + child.pid() + "/stat"));

        ProcessIdentity identity = look(child.pid());

        assertThat(identity)
                .isEqualTo(new ProcessIdentity(
                        child.pid(),
                        stat.split(" ", -1)[21],
                        ExecutionState.RUNNING,
                        Observation.seen(own("Uid:")),
                        Observation.seen(Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                                .toString()),
                        Observation.seen(Path.of("/proc/" + child.pid() + "/exe")
                                .toRealPath()
                                .toString()),
                        Observation.seen(Lineage.DESCENDANT)));
        try (PinnedProcess pin = pin(child.pid())) {
            assertThat(pin.identity()).isEqualTo(Observation.seen(identity));
        }
    }

    @Tag("H06")
    @Test
    void tellsItselfItsParentsItsDescendantsAndOthersApart() {
        Process shell = processes.start("sh", "-c", "sleep 600; :");
        ProcessHandle grandchild = processes.awaitDescendant(shell, "sleep");

        assertThat(look(SELF).lineage()).isEqualTo(Observation.seen(Lineage.SELF));
        assertThat(look(grandchild.pid()).lineage()).isEqualTo(Observation.seen(Lineage.DESCENDANT));
        for (ProcessHandle parent = parent(ProcessHandle.current()); parent != null; parent = parent(parent)) {
            assertThat(look(parent.pid()).lineage()).isEqualTo(Observation.seen(Lineage.ANCESTOR));
        }
    }

    @Tag("H06")
    @Test
    void takesAnOrphanForUnrelated() {
        long orphan = processes.orphan("exec sleep 600");

        assertThat(look(orphan).lineage()).isEqualTo(Observation.seen(Lineage.UNRELATED));
    }

    @Test
    void readsAProcessWhoseNameLooksLikeTheEndOfAName() throws IOException {
        Process child = processes.start(copyOfSleep("a) b").toString(), "600");

        assertThat(look(child.pid()).lineage()).isEqualTo(Observation.seen(Lineage.DESCENDANT));
        assertThat(look(child.pid()).executable())
                .isEqualTo(Observation.seen(folder.resolve("a) b").toString()));
    }

    @Tag("H12")
    @Test
    @Needs(Need.OTHER_USER)
    void isNotDeceivedByAProcessThatIsNamedLikeAnotherUsersLine() throws IOException, InterruptedException {
        openToAll();
        Process deceiver = processes.start(
                "setpriv", "--reuid", "65534", copyOfSleep("a\rUid:0").toString(), "600");
        await(deceiver, "a\rUid:0");

        assertThat(look(deceiver.pid()).user()).isEqualTo(Observation.seen("65534"));
    }

    @Tag("H03")
    @Test
    void seesThatAProcessIsStopped() {
        Process child = processes.sleep();
        StartedProcesses.stop(child.pid());

        assertThat(look(child.pid()).state()).isEqualTo(ExecutionState.STOPPED);
    }

    @Tag("H13")
    @Test
    void seesThatAZombieHasExited() {
        long zombie = processes.zombie();

        assertThat(look(zombie).state()).isEqualTo(ExecutionState.EXITED);
    }

    @Test
    void knowsAThreadFromAProcess() throws IOException {
        long thread;
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            thread = tasks.map(task -> Long.parseLong(task.getFileName().toString()))
                    .filter(task -> task != SELF)
                    .findFirst()
                    .orElseThrow();
        }

        assertThat(table().look(thread)).isInstanceOf(Observation.Absent.class);
        assertThat(table().pin(thread)).isNotInstanceOf(Observation.Seen.class);
    }

    @Tag("H15")
    @Test
    void readsTheIdentityOfAProcessWhoseExecutableWasDeleted() throws IOException {
        Path program = copyOfSleep("old-version");
        Process child = processes.start(program.toString(), "600");
        ProcessIdentity before = look(child.pid());

        Files.delete(program);
        ProcessIdentity after = look(child.pid());

        assertThat(after.executable()).isEqualTo(Observation.seen(program + " (deleted)"));
        assertThat(after.start()).isEqualTo(before.start());
        assertThat(after.user()).isEqualTo(before.user());
    }

    @Tag("H20")
    @Test
    @Needs(Need.OTHER_USER)
    void tellsAnotherUsersProcess() throws IOException, InterruptedException {
        Process other = processes.start("setpriv", "--reuid", "65534", "sleep", "600");
        await(other, "sleep");

        assertThat(look(other.pid()).user()).isEqualTo(Observation.seen("65534"));
    }

    @Tag("H12")
    @Test
    @Needs(Need.ROOT)
    void doesNotKnowWhatAnotherUsersProcessHides() throws IOException {
        Process ours = processes.sleep();

        assertThat(processes.jvm(65534, folder, "look", ours.pid()).hear())
                .contains("user=Seen[value=0]")
                .contains("pidNamespace=Seen[value=pid:[")
                .contains("executable=Unknown[")
                .contains("permission denied");
    }

    @Tag("H12")
    @Test
    void doesNotTakeForGoneWhatProcHides() throws IOException {
        Process hidden = processes.sleep();
        LinuxProcessTable table = table(FakeProc.ours(folder).show(SELF));

        assertThat(table.look(hidden.pid())).isInstanceOf(Observation.Unknown.class);
        assertThat(kernel.calls).containsExactly("open " + hidden.pid(), "close");
    }

    @Tag("H12")
    @Test
    @Needs(Need.NAMESPACES)
    void doesNotTakeForGoneWhatProcHidesFromAnotherUser() throws IOException, InterruptedException {
        Process hidden = processes.sleep();

        assertThat(processes
                        .jvm(
                                List.of(
                                        "unshare",
                                        "-m",
                                        "sh",
                                        "-c",
                                        "mount -t proc -o hidepid=2 proc /proc; exec \"$@\"",
                                        "sh"),
                                Map.of(),
                                65534,
                                folder,
                                "look",
                                hidden.pid())
                        .hear())
                .startsWith("Unknown[")
                .contains("/proc does not show it");
    }

    @Tag("H12")
    @Test
    void takesProcAtItsWordWithoutPidfdsIfItShowsEverybody() throws InterruptedException {
        Process gone = processes.start("true");
        gone.waitFor();
        kernel.refusal = 38;

        assertThat(table().look(gone.pid())).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H12")
    @Test
    void doesNotTakeProcAtItsWordWithoutPidfdsIfItHidesInit() throws IOException {
        kernel.refusal = 38;
        LinuxProcessTable table = table(FakeProc.ours(folder).show(SELF));

        assertThat(table.look(processes.sleep().pid())).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H10")
    @Test
    void readsNothingFromTheProcOfAnotherNamespace() throws IOException {
        Process child = processes.sleep();
        LinuxProcessTable table =
                table(new FakeProc(folder, "1").show(child.pid()).show(SELF));

        assertThat(table.look(child.pid())).isInstanceOf(Observation.Unknown.class);
        assertThat(table.namesakeInOtherNamespace(7)).isInstanceOf(Observation.Unknown.class);
        try (PinnedProcess pin = table.pin(child.pid()).toOptional().orElseThrow()) {
            assertThat(pin.identity()).isInstanceOf(Observation.Unknown.class);
            assertThat(table.helpersOf(pin)).isEmpty();
        }
    }

    @Tag("H12")
    @Test
    void doesNotKnowAProcessWhoseFilesCannotBeUnderstood() throws IOException {
        Process child = processes.sleep();
        LinuxProcessTable garbled = table(FakeProc.ours(folder).file(child.pid(), "stat", "garbage"));

        assertThat(garbled.look(child.pid())).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H02")
    @ParameterizedTest
    @CsvSource({"38,Function not implemented", "1,Operation not permitted", "24,Too many open files"})
    void saysInTheKernelsWordsWhyAProcessCannotBePinned(int errno, String words) {
        Process child = processes.sleep();
        kernel.refusal = errno;

        assertThat(table().pin(child.pid()))
                .isInstanceOfSatisfying(
                        Observation.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains(words));
        assertThat(kernel.calls).containsExactly("open " + child.pid());
        assertThat(child.isAlive()).isTrue();
    }

    /** As under QEMU's user emulation, before 8.0 and from then on, which makes up what a process reads of itself. */
    private FakeProc withAMadeUpLine(String state) throws IOException {
        return FakeProc.ours(folder)
                .show(SELF)
                .file(SELF, "stat", "%d (java) %s %s".formatted(SELF, state, "0 ".repeat(18) + "8812345 0 0"));
    }

    @Tag("H69")
    @ParameterizedTest
    @ValueSource(strings = {"0", "R"})
    void doesNotKnowItselfWhereItsOwnLineIsMadeUp(String state) throws IOException {
        assertThat(table(withAMadeUpLine(state)).look(SELF))
                .isInstanceOfSatisfying(
                        Observation.Unknown.class,
                        unknown -> assertThat(unknown.reason())
                                .contains(
                                        "/stat is not of the known form: its state is \"%s\"".formatted(state),
                                        "no memory, as QEMU's user emulation writes it"));
    }

    @Tag("H69")
    @Tag("H06")
    @ParameterizedTest
    @ValueSource(strings = {"0", "R"})
    void takesNobodyForUnrelatedWhereItsOwnLineIsMadeUp(String state) throws IOException {
        long orphan = processes.orphan("exec sleep 600");
        long parent = parent(ProcessHandle.current()).pid();
        FakeProc proc = withAMadeUpLine(state);
        for (long pid : Stream.concat(lineOf(orphan), lineOf(parent)).toList()) {
            proc.show(pid);
        }

        for (long pid : new long[] {orphan, parent}) {
            assertThat(table(proc).look(pid).flatMap(ProcessIdentity::lineage))
                    .isInstanceOfSatisfying(
                            Observation.Unknown.class,
                            unknown -> assertThat(unknown.reason()).contains("is not of the known form"));
        }
    }

    @Tag("H69")
    @Tag("H06")
    @ParameterizedTest
    @ValueSource(strings = {"0", "R"})
    void namesNoHelpersIfItCannotReadItself(String state) throws IOException {
        Process holder = processes.sleep();
        LinuxProcessTable table = table(withAMadeUpLine(state).show(holder.pid()));

        try (PinnedProcess pin = table.pin(holder.pid()).toOptional().orElseThrow()) {
            assertThatThrownBy(() -> table.helpersOf(pin))
                    .hasRootCauseMessage("this process cannot be read, and so its parents are not known");
        }
    }

    private static Stream<Long> lineOf(long pid) {
        return Stream.iterate(ProcessHandle.of(pid).orElseThrow(), Objects::nonNull, LinuxProcessTableTest::parent)
                .map(ProcessHandle::pid);
    }

    private LinuxProcessTable table() {
        return new LinuxProcessTable(new Proc(Path.of("/proc")), kernel, folder);
    }

    private LinuxProcessTable table(FakeProc proc) {
        return new LinuxProcessTable(proc.proc(), kernel, folder);
    }

    private ProcessIdentity look(long pid) {
        return table().look(pid).toOptional().orElseThrow();
    }

    private PinnedProcess pin(long pid) {
        return table().pin(pid).toOptional().orElseThrow();
    }

    private Path copyOfSleep(String name) throws IOException {
        return Files.copy(Path.of("/bin/sleep").toRealPath(), folder.resolve(name));
    }

    private void openToAll() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void await(Process process, String name) {
        org.awaitility.Awaitility.await()
                .until(() -> Files.readString(Path.of("/proc/" + process.pid() + "/comm"))
                        .equals(name + "\n"));
    }

    private static String own(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.split("\t", -1)[1])
                .findFirst()
                .orElseThrow();
    }

    private static ProcessHandle parent(ProcessHandle process) {
        return process.parent().orElse(null);
    }
}
