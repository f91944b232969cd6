package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Who uses the profile besides its holder: helpers, and namesakes in other pid namespaces. */
class ProfileUsersTest {

    private static final String[] OTHER_NAMESPACE = {"unshare", "-p", "-f", "--mount-proc"};

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    private Path profile;
    private Path cached;
    private Path sibling;

    @BeforeEach
    void makeProfiles() throws IOException {
        profile = Files.createDirectory(folder.resolve("profile"));
        cached =
                Files.createFile(Files.createDirectory(profile.resolve("Cache")).resolve("data_0"));
        sibling = Files.createFile(
                Files.createDirectory(folder.resolve("profile2")).resolve("data_0"));
    }

    @Tag("H16")
    @Test
    void findsTheGrandchildThatHoldsAFileOfTheProfile() {
        long browser = family(cached);
        long zygote = child(browser, "sh");
        long helper = child(zygote, "sleep");

        // The shell between them holds none.
        assertThat(helpersOf(browser)).containsExactly(helper);
    }

    @Tag("H16")
    @Test
    void findsWhatIsStoppedInTheHoldersOwnSession() {
        long browser = processes.orphan("sleep 600 & :; sh -c 'exec setsid sh -c \"sleep 601; :\"'; :");
        long helper = child(browser, "sleep");
        long job = child(browser, "sh");
        assertThat(stoppedHelpersOf(browser)).isEmpty();

        StartedProcesses.stop(helper);
        StartedProcesses.stop(job);

        assertThat(stoppedHelpersOf(browser)).containsExactly(helper);
        StartedProcesses.signal(job, "CONT");
    }

    @Tag("H16")
    @Test
    void findsAHelperThroughALinkToTheProfile() throws IOException {
        long browser = family(cached);
        long helper = child(child(browser, "sh"), "sleep");
        Path link = Files.createSymbolicLink(folder.resolve("link"), profile);

        assertThat(helpersOf(table(link), browser)).containsExactly(helper);
    }

    @Tag("H16")
    @Test
    void findsAHelperWhoseFileWasDeleted() throws IOException {
        long browser = family(cached);
        long helper = child(child(browser, "sh"), "sleep");
        Files.delete(cached);

        assertThat(helpersOf(browser)).containsExactly(helper);
    }

    @Tag("H41")
    @Test
    void listsTheStartsOfAllOtherProcesses() {
        long other = processes.orphan("exec sleep 600");
        LinuxProcessTable table = table(profile);

        assertThat(table.others())
                .containsEntry(
                        other,
                        table.look(other)
                                .map(ProcessIdentity::start)
                                .toOptional()
                                .orElseThrow())
                .containsKey(1L)
                .doesNotContainKey(ProcessHandle.current().pid());
    }

    @Tag("H41")
    @Test
    void takesTheGuardsOwnFilesForNoUse() throws IOException {
        Path lock = Files.createFile(profile.resolve("RelaunchGuard.lock"));
        Path deeper = Files.createFile(cached.resolveSibling("RelaunchGuard.lock"));
        long launcher = processes.orphan("exec sleep 600 < \"$0\"", lock.toString());
        long user = processes.orphan("exec sleep 600 < \"$0\"", deeper.toString());
        StartedProcesses.awaitSleep(launcher);
        StartedProcesses.awaitSleep(user);

        assertThat(table(profile).usesProfile(launcher)).isEqualTo(Observation.seen(false));
        assertThat(table(profile).usesProfile(user)).isEqualTo(Observation.seen(true));
    }

    @Tag("H20")
    @Test
    void takesNoProcessForAHelperThatHoldsFilesOfAnotherProfile() {
        long browser = family(sibling);
        child(child(browser, "sh"), "sleep");

        assertThat(helpersOf(browser)).isEmpty();
    }

    @Tag("H20")
    @Test
    void takesNoProcessForAHelperThatIsNoDescendant() {
        long browser = family(sibling);
        long reader = processes.orphan("exec sleep 600 < \"$0\"", cached.toString());
        child(child(browser, "sh"), "sleep");
        StartedProcesses.awaitSleep(reader);

        assertThat(helpersOf(browser)).isEmpty();
    }

    @Tag("H06")
    @Test
    void takesNeitherTheLauncherNorAProcessBetweenForAHelper() {
        // A shell, the holder; in it a shell with the file open; in it the launcher, which inherits the file.
        List<String> between = List.of("sh", "-c", "(\"$@\"; :) < \"$0\"; :", cached.toString());

        assertThat(processes
                        .jvm(between, Map.of(), "-", profile, "helpers-of-grandparent")
                        .hear())
                .isEqualTo("[]");
    }

    @Tag("H06")
    @Test
    void takesNoDescendantOfTheLauncherForAHelper() {
        Process own = processes.holding(cached);
        StartedProcesses.awaitSleep(own.pid());

        assertThat(helpersOf(ProcessHandle.current().parent().orElseThrow().pid()))
                .isEmpty();
    }

    @Tag("H02")
    @Test
    void takesNoHelperThatExitedBeforeItWasPinned() {
        long browser = family(cached);
        long helper = child(child(browser, "sh"), "sleep");
        RecordingPidfd kernel = new RecordingPidfd();
        LinuxProcessTable table = new LinuxProcessTable(new Proc(Path.of("/proc")), kernel, profile);
        try (PinnedProcess pin = table.pin(browser).toOptional().orElseThrow()) {
            kernel.exitsOnceOpened = helper;

            assertThat(table.helpersOf(pin)).isEmpty();
        }
        assertThat(kernel.calls).contains("open " + helper);
        assertThat(kernel.calls.stream().filter("close"::equals)).hasSize(2);
    }

    @Tag("H02")
    @Test
    void looksForNoHelpersOfAProcessThatHasExited() {
        long browser = family(cached);
        child(child(browser, "sh"), "sleep");
        RecordingPidfd kernel = new RecordingPidfd();
        LinuxProcessTable table = new LinuxProcessTable(new Proc(Path.of("/proc")), kernel, profile);
        try (PinnedProcess pin = table.pin(browser).toOptional().orElseThrow()) {
            kernel.allExited = true;

            assertThat(table.helpersOf(pin)).isEmpty();
        }
        assertThat(kernel.calls).containsExactly("open " + browser, "close");
    }

    @Test
    void cannotListTheHelpersOfAProfileThatIsNotThere() {
        long browser = processes.sleep().pid();
        LinuxProcessTable table = table(folder.resolve("missing"));

        try (PinnedProcess pin = table.pin(browser).toOptional().orElseThrow()) {
            assertThatThrownBy(() -> table.helpersOf(pin)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Tag("H10")
    @Test
    @Needs(Need.NAMESPACES)
    void findsANamesakeThatHoldsTheProfileInAnotherNamespace() throws Exception {
        Process container = processes.holding(cached, OTHER_NAMESPACE);
        ProcessHandle inner = processes.awaitDescendant(container, "sleep");

        Observation<ProcessIdentity> namesake = table(profile).namesakeInOtherNamespace(1);

        assertThat(namesake.map(ProcessIdentity::pid)).isEqualTo(Observation.seen(inner.pid()));
        assertThat(namesake.flatMap(ProcessIdentity::pidNamespace))
                .isNotEqualTo(Observation.seen(
                        Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString()));
        assertThat(table(profile).namesakeInOtherNamespace(2)).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H10")
    @Test
    @Needs(Need.NAMESPACES)
    void findsANamesakeThatHasTheProfileMountedElsewhere() throws Exception {
        ProcessHandle inner = processes.awaitDescendant(containerWithMount(profile), "sleep");
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + inner.pid() + "/fd/0")))
                .isEqualTo(folder.toRealPath().resolve("mount/Cache/data_0"));

        assertThat(table(profile).namesakeInOtherNamespace(1).map(ProcessIdentity::pid))
                .isEqualTo(Observation.seen(inner.pid()));
    }

    @Tag("H10")
    @Test
    @Needs(Need.NAMESPACES)
    void findsNoNamesakeThatHasAnotherProfileMounted() throws Exception {
        Path other = folder.resolve("profile2");
        Files.move(sibling, Files.createDirectory(other.resolve("Cache")).resolve("data_0"));
        processes.awaitDescendant(containerWithMount(other), "sleep");

        assertThat(table(profile).namesakeInOtherNamespace(1)).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H10")
    @Test
    @Needs(Need.NAMESPACES)
    void findsNoNamesakeThatDoesNotUseTheProfile() throws Exception {
        Process container = processes.holding(sibling, OTHER_NAMESPACE);
        processes.awaitDescendant(container, "sleep");

        assertThat(table(profile).namesakeInOtherNamespace(1)).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H10")
    @Test
    void takesNoProcessOfThisNamespaceForANamesake() {
        Process holder = processes.holding(cached);
        StartedProcesses.awaitSleep(holder.pid());

        assertThat(table(profile).namesakeInOtherNamespace(holder.pid())).isInstanceOf(Observation.Absent.class);
    }

    @Tag("H12")
    @Test
    @Needs(Need.NAMESPACES)
    void doesNotKnowWhetherAnotherUsersNamesakeUsesTheProfile() throws Exception {
        Process container = processes.holding(sibling, OTHER_NAMESPACE);
        processes.awaitDescendant(container, "sleep");
        Path readable = Files.createTempDirectory(Path.of("/tmp"), "guard-readable");
        try {
            Files.setPosixFilePermissions(
                    readable, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));

            assertThat(processes.jvm(65534, readable, "namesake", 1).hear())
                    .startsWith("Unknown[")
                    .contains("permission denied");
        } finally {
            Files.delete(readable);
        }
    }

    @Tag("H13")
    @Test
    void takesNoZombieForANamesake(@TempDir Path root) throws IOException {
        long zombie = processes.zombie();
        FakeProc proc = FakeProc.ours(root).show(zombie);
        String status = Files.readString(root.resolve(zombie + "/status"));
        proc.file(zombie, "status", status.replaceFirst("NSpid:.*", "NSpid:\t" + zombie + "\t7"));
        Files.createDirectory(root.resolve(zombie + "/fd"));
        Path descriptor = Files.createSymbolicLink(root.resolve(zombie + "/fd/3"), cached.toRealPath());

        assertThat(new LinuxProcessTable(proc.proc(), new RecordingPidfd(), profile).namesakeInOtherNamespace(7))
                .isInstanceOf(Observation.Absent.class);
        Files.delete(descriptor);
    }

    @Test
    void doesNotKnowTheNamesakesOfAProfileThatIsNotThere() {
        assertThat(table(folder.resolve("missing")).namesakeInOtherNamespace(1))
                .isInstanceOf(Observation.Unknown.class);
    }

    /** A container that sees the directory under another path, and holds a file below it open. */
    private Process containerWithMount(Path directory) throws IOException {
        Path mount = Files.createDirectory(folder.resolve("mount"));
        return processes.start(
                "unshare",
                "-m",
                "-p",
                "-f",
                "--mount-proc",
                "sh",
                "-c",
                "mount --bind \"$0\" \"$1\" && exec sleep 600 < \"$1/Cache/data_0\"",
                directory.toString(),
                mount.toString());
    }

    /** A shell, in it a shell, in it a sleep with the file open. */
    private long family(Path file) {
        return processes.orphan("sh -c '(exec sleep 600 < \"$0\"); :' \"$0\"; :", file.toString());
    }

    private static long child(long parent, String program) {
        return await().until(
                        () -> ProcessHandle.of(parent)
                                .flatMap(process -> process.children()
                                        .filter(child -> StartedProcesses.name(child.pid())
                                                .equals(program))
                                        .findFirst()),
                        java.util.Optional::isPresent)
                .orElseThrow()
                .pid();
    }

    private LinuxProcessTable table(Path directory) {
        return new LinuxProcessTable(new Proc(Path.of("/proc")), Pidfd.system(), directory);
    }

    private List<Long> helpersOf(long pid) {
        return helpersOf(table(profile), pid);
    }

    private List<Long> stoppedHelpersOf(long pid) {
        LinuxProcessTable table = table(profile);
        try (PinnedProcess pin = table.pin(pid).toOptional().orElseThrow()) {
            List<PinnedProcess> helpers = table.stoppedHelpersOf(pin);
            helpers.forEach(PinnedProcess::close);
            return helpers.stream().map(PinnedProcess::pid).toList();
        }
    }

    private static List<Long> helpersOf(LinuxProcessTable table, long pid) {
        try (PinnedProcess pin = table.pin(pid).toOptional().orElseThrow()) {
            List<PinnedProcess> helpers = table.helpersOf(pin);
            helpers.forEach(PinnedProcess::close);
            return helpers.stream().map(PinnedProcess::pid).toList();
        }
    }
}
