package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That nobody is there is proven, with real processes that cannot be seen, have no lock, or outlive their holder. */
class NobodyIsThereIT {

    private static final String HELD = "held";

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H30")
    @Needs({Need.NAMESPACES, Need.CHROMIUM})
    void twoSandboxesOnOneProfileHaveOneBrowser() throws Exception {
        Process first = sandbox.start("first", inASandbox(Cli.command(launchChromium())));
        await().atMost(120, SECONDS).until(() -> Chromium.answersDevTools(sandbox.profile()));
        await().atMost(60, SECONDS).until(this::aLockIsRecorded);
        List<ProcessHandle> tree = sandbox.adoptTree(first.toHandle());
        String lock = sandbox.lockTarget().orElseThrow();
        String port = Files.readString(sandbox.profile().resolve("DevToolsActivePort"));

        Cli.Run second = cli.run(inASandbox(Cli.command(launchChromium())));

        assertThat(second.exitCode()).as(second.out()).isEqualTo(3);
        assertThat(second.outcome()).isEqualTo(HELD);
        assertThat(second.json().path("summary").asString()).contains("in another PID namespace");
        assertThat(sandbox.lockTarget()).hasValue(lock);
        assertThat(sandbox.profile().resolve("DevToolsActivePort")).hasContent(port);
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();

        // The launcher is the first process of its sandbox: the kernel ends everything in it with the launcher.
        tree.forEach(ProcessHandle::destroyForcibly);
        first.destroyForcibly();
        await().atMost(30, SECONDS).until(() -> tree.stream().noneMatch(one -> Sandbox.isAlive(one.pid())));

        Cli.Run third = cli.run(inASandbox(Cli.command(launch())));

        assertThat(third.exitCode()).as(third.out()).isZero();
        assertThat(sandbox.lockTarget()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hidepid=1", "hidepid=2"})
    @Tag("H30")
    @Tag("H12")
    @Needs({Need.NAMESPACES, Need.OTHER_USER})
    void aLockIsNotStaleWhereProcessesAreHidden(String option) throws Exception {
        Files.setAttribute(sandbox.profile(), "unix:uid", 65534);
        // A process of root in a namespace of its own, with files of the profile open and the lock's pid there.
        Process hidden = sandbox.start(
                "hidden",
                List.of(
                        "unshare",
                        "--pid",
                        "--fork",
                        "--mount-proc",
                        "sh",
                        "-c",
                        "sleep 600 3>" + sandbox.profile().resolve("Cookies") + " & echo started; wait"));
        await().atMost(30, SECONDS).until(() -> sandbox.output("hidden.out").contains("started"));
        sandbox.adoptTree(hidden.toHandle());
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).trim() + "-2");
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t proc -o " + option + " proc /proc && exec \"$@\"",
                "sh",
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups"));
        command.addAll(cli.jarForEverybody(launch()));

        Cli.Run run = cli.run(command);

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(3);
        assertThat(run.reason()).as(run.out()).isEqualTo("holder-alive");
        assertThat(sandbox.lockTarget()).isPresent();
        assertThat(run.signals()).isEmpty();
    }

    @Test
    @Tag("H41")
    void anApplicationWithoutALockIsAHolderUntilItEnds() throws Exception {
        Process launcher = cli.start("first", launch("sleep", "600"));
        long application = application(launcher);

        Cli.Run beside = cli.launch();

        assertThat(beside.exitCode()).as(beside.out()).isEqualTo(3);
        assertThat(beside.reason()).isEqualTo("sole-launcher");
        assertThat(beside.json().path("holder").path("pid").asLong()).isEqualTo(application);
        assertThat(beside.json().path("predicates").path(0).path("detail").asString())
                .startsWith("the instance record names process " + application);
        assertThat(Sandbox.isAlive(application)).isTrue();

        ProcessHandle.of(application).orElseThrow().destroy();
        launcher.waitFor();
        assertThat(cli.launch().exitCode()).isZero();
    }

    @Test
    @Tag("H41")
    @Tag("H30")
    @Needs(Need.NAMESPACES)
    void anApplicationWithoutALockThatClearsItsProfileIsNoticedInASandboxUntilItEnds() throws Exception {
        Process launcher = cli.start("first", launch("sleep", "600"));
        long application = application(launcher);
        await().atMost(60, SECONDS).until(this::aLifeLockIsKept);
        try (var files = Files.list(sandbox.profile())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }

        Cli.Run beside = cli.run(inASandbox(Cli.command(launch())));

        assertThat(beside.exitCode()).as(beside.out()).isEqualTo(3);
        assertThat(beside.json().path("summary").asString()).contains("keeps the life lock on the profile directory");
        assertThat(Sandbox.isAlive(application)).isTrue();

        ProcessHandle.of(application).orElseThrow().destroy();
        launcher.waitFor();
        Cli.Run after = cli.run(inASandbox(Cli.command(launch())));
        assertThat(after.exitCode()).as(after.out()).isZero();
    }

    @Test
    @Tag("H41")
    @Tag("H42")
    void anApplicationWithoutALockThatItsStartScriptLeavesBehindIsAHolderUntilItEnds() throws Exception {
        Path data = Files.createFile(sandbox.profile().resolve("data"));
        // By now the script has ended, and the application opens its file only later.
        Path later = sandbox.root().resolve("later");
        String application = "until [ -e '%s' ]; do sleep 0.1; done; exec sleep 600 < '%s'".formatted(later, data);
        Process launcher = cli.start("first", launch("sh", "-c", "(%s) & echo $! >&2".formatted(application)));
        assertThat(launcher.waitFor()).isZero();
        long left = Long.parseLong(sandbox.output("first.err").strip());
        Files.createFile(later);
        await().until(() -> ProcessHandle.of(left)
                .flatMap(process -> process.info().command())
                .filter(command -> command.endsWith("/sleep"))
                .isPresent());

        for (int launch = 0; launch < 2; launch++) {
            Cli.Run beside = cli.launch();

            assertThat(beside.exitCode()).as(beside.out()).isEqualTo(3);
            assertThat(beside.json().path("survivors").path(0).asLong()).isEqualTo(left);
            assertThat(beside.signals()).isEmpty();
        }

        ProcessHandle.of(left).orElseThrow().destroy();
        await().until(() -> !Sandbox.isAlive(left));
        assertThat(cli.launch().exitCode()).isZero();
    }

    @Test
    @Tag("H41")
    void anApplicationWithoutALockThatConsentsIsEnded() throws Exception {
        Process launcher = cli.start("first", launch("sleep", "600"));
        long application = application(launcher);
        cli.mark(application);

        Cli.Run next = cli.launch();

        assertThat(next.exitCode()).as(next.out()).isZero();
        assertThat(next.signals()).containsExactly("TERM " + application);
        assertThat(Sandbox.isAlive(application)).isFalse();
    }

    @Test
    @Tag("H42")
    @Tag("H03")
    void aConsentingProcessThatLetGoOfItsLockKeepsTheProfileWhileItHasFilesOpen() throws Exception {
        ProcessHandle leaving = startWithAFileOpen();
        cli.mark(leaving.pid());

        for (int launch = 0; launch < 2; launch++) {
            Cli.Run run = cli.launch();

            assertThat(run.exitCode()).as(run.out()).isEqualTo(3);
            assertThat(run.json().path("summary").asString()).contains("still have its files open: [" + leaving.pid());
            assertThat(run.signals()).isEmpty();
            assertThat(Sandbox.isAlive(leaving.pid())).isTrue();
        }

        leaving.destroyForcibly();
        await().atMost(30, SECONDS).until(() -> !Sandbox.isAlive(leaving.pid()));
        assertThat(cli.launch().exitCode()).isZero();
    }

    @Test
    @Tag("H42")
    @Tag("H16")
    void aSuspendedHelperOfAnEndedHolderKeepsTheProfileWhoeverLaunches() throws Exception {
        Process holder = sandbox.start(
                "holder",
                List.of(
                        "sh",
                        "-c",
                        "trap '' TERM; setsid sleep 600 3>" + sandbox.profile().resolve("Cookies")
                                + " & echo $!; exec sleep 600"));
        await().atMost(30, SECONDS).until(() -> sandbox.output("holder.out").endsWith("\n"));
        ProcessHandle helper = ProcessHandle.of(
                        Long.parseLong(sandbox.output("holder.out").trim()))
                .orElseThrow();
        sandbox.adopt(helper);
        await().atMost(30, SECONDS).until(() -> Files.exists(sandbox.profile().resolve("Cookies")));
        sandbox.stop(helper);
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).trim() + "-" + holder.pid());
        cli.mark(holder.pid());

        for (int launch = 0; launch < 2; launch++) {
            // It is resumed when the holder has ended; somebody suspends it again.
            sandbox.stop(helper);
            Cli.Run run = cli.launch("--term-grace=PT0.3S");
            assertThat(run.exitCode()).as(run.out()).isEqualTo(3);
            assertThat(run.json().path("summary").asString()).contains("still have its files open: [" + helper.pid());
        }
        assertThat(Sandbox.isAlive(holder.pid())).isFalse();

        helper.destroyForcibly();
        await().atMost(30, SECONDS).until(() -> !Sandbox.isAlive(helper.pid()));
        assertThat(cli.launch().exitCode()).isZero();
    }

    private ProcessHandle startWithAFileOpen() throws IOException, InterruptedException {
        Process shell = sandbox.start(new ProcessBuilder(
                "sh",
                "-c",
                "sleep 600 3>\"$0\" </dev/null >/dev/null 2>&1 & echo $!",
                sandbox.profile().resolve("Cookies").toString()));
        ProcessHandle process =
                ProcessHandle.of(Long.parseLong(shell.inputReader().readLine())).orElseThrow();
        sandbox.adopt(process);
        shell.waitFor();
        await().atMost(30, SECONDS)
                .until(() -> Files.readString(Path.of("/proc/" + process.pid() + "/comm"))
                        .equals("sleep\n"));
        return process;
    }

    /** What the launcher has started, once it is recorded. */
    private long application(Process launcher) {
        await().atMost(120, SECONDS)
                .until(() -> launcher.children().anyMatch(child -> recorded().contains("\npid=" + child.pid() + "\n")));
        sandbox.adoptTree(launcher.toHandle());
        return launcher.children().findFirst().orElseThrow().pid();
    }

    /** Some process has a lock of flock(2) on the profile directory; see proc_locks(5). */
    private boolean aLifeLockIsKept() throws IOException {
        String inode = ":" + Files.getAttribute(sandbox.profile(), "unix:ino") + " ";
        try (var locks = Files.lines(Path.of("/proc/locks"))) {
            return locks.anyMatch(lock -> lock.contains("FLOCK") && lock.contains(inode));
        }
    }

    private boolean aLockIsRecorded() {
        return recorded().contains("locked-since=2");
    }

    private String recorded() {
        try {
            return Files.readString(sandbox.profile().resolve("RelaunchGuard.instance"));
        } catch (IOException notYet) {
            return "";
        }
    }

    private String[] launch(String... command) {
        List<String> arguments = new ArrayList<>(
                List.of("launch", "--json", "--profile=" + sandbox.profile(), "--cache-release=PT0.7S"));
        if (command.length > 0) {
            arguments.add("--");
            arguments.addAll(List.of(command));
        }
        return arguments.toArray(String[]::new);
    }

    private String[] launchChromium() {
        return launch(Chromium.command(sandbox.profile()).toArray(String[]::new));
    }

    /** A pid namespace of its own, as a sandbox has: the command is its first process. */
    private static List<String> inASandbox(List<String> command) {
        List<String> all = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--mount-proc"));
        List<String> java = new ArrayList<>(command);
        // Its pid is another JVM's in another sandbox, and so would be its file of performance data.
        java.add(1, "-XX:-UsePerfData");
        all.addAll(java);
        return all;
    }
}
