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
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole lifecycle, by the command line, against real Chromium. */
@Needs(Need.CHROMIUM)
class ChromiumIT {

    private static String host = "";

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @BeforeAll
    static void readTheHostsName() throws IOException {
        host = Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }

    @Test
    @Tag("H01")
    @Tag("H03")
    @Tag("H21")
    void leavesAHealthyBrowserThatDidNotConsentUntouched() throws Exception {
        Chromium healthy = Chromium.start(sandbox, "healthy");
        List<ProcessHandle> helpers = healthy.helpers();

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.outcome()).isEqualTo("held");
        assertThat(run.reason()).isEqualTo("marker-present");
        assertThat(run.signals()).isEmpty();
        assertThat(run.states()).containsExactly("START", "MARKER_CHECK", "HOLDER_READ", "DECIDE", "PREFLIGHT", "HELD");
        assertThat(run.json().path("holder").path("pid").asLong()).isEqualTo(healthy.pid());
        assertThat(run.json().path("summary").asString())
                .contains("Process " + healthy.pid(), "no process has consented");
        assertThat(run.json().path("advice").asString()).contains("Switch to the running instance");
        assertThat(healthy.isReady()).isTrue();
        assertThat(helpers).isNotEmpty().allMatch(helper -> Sandbox.isAlive(helper.pid()));
        assertThat(sandbox.lockTarget()).hasValue(host + "-" + healthy.pid());
    }

    @Test
    @Tag("H05")
    void leavesAHealthyBrowserAloneWhenAnotherProcessConsented() throws Exception {
        Chromium healthy = Chromium.start(sandbox, "healthy");
        cli.mark(ProcessHandle.current().pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-names-holder");
        assertThat(run.signals()).isEmpty();
        assertThat(healthy.isReady()).isTrue();
    }

    @Test
    @Tag("H04")
    void reapsAWedgedBrowserThatConsentedAndANewOneStartsAtOnce() throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        sandbox.stop(wedged.handle());
        cli.mark(wedged.pid());

        Cli.Run run = cli.run("launch", "--json", "--profile=" + sandbox.profile());

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.outcome()).isEqualTo("ready");
        assertThat(run.json().path("verdict").path("kind").asString()).isEqualTo("reap");
        assertThat(run.signals()).startsWith("TERM " + wedged.pid(), "CONT " + wedged.pid());
        assertThat(run.signals()).noneMatch(signal -> signal.startsWith("KILL"));
        assertThat(run.states())
                .containsExactly(
                        "START",
                        "MARKER_CHECK",
                        "HOLDER_READ",
                        "DECIDE",
                        "TEARDOWN_GRACE",
                        "TERM",
                        "PREFLIGHT",
                        "READY");
        assertThat(Sandbox.isAlive(wedged.pid())).isFalse();
        assertThat(sandbox.lockTarget()).isEmpty();
        assertThat(sandbox.profile().resolve("RelaunchGuard.marker")).doesNotExist();
        assertThat(sandbox.profile().resolve("RelaunchGuard.claim")).doesNotExist();
        assertANewBrowserStarts();
    }

    @Test
    @Tag("H16")
    void reapsAWedgedBrowserWhoseHelpersAreStoppedToo() throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        List<ProcessHandle> helpers = wedged.helpers();
        sandbox.stop(wedged.handle());
        helpers.stream().filter(helper -> Sandbox.isAlive(helper.pid())).forEach(sandbox::stop);
        cli.mark(wedged.pid());

        Cli.Run run = cli.run("launch", "--json", "--profile=" + sandbox.profile());

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).startsWith("TERM " + wedged.pid(), "CONT " + wedged.pid());
        // A browser that waits for its stopped helpers when it is asked to end has to be forced; now and then it does
        // not.
        assertThat(run.signals().stream().skip(2).filter(signal -> !signal.equals("KILL " + wedged.pid())))
                .as("helpers with files of the profile are resumed, nothing else")
                .isNotEmpty()
                .allMatch(signal -> helpers.stream().anyMatch(helper -> signal.equals("CONT " + helper.pid())));
        assertThat(helpers)
                .noneMatch(helper -> run.signals().contains("CONT " + helper.pid()) && Sandbox.isAlive(helper.pid()));
        assertThat(run.json().path("survivors").isEmpty()).isTrue();
        assertANewBrowserStarts();
    }

    @Test
    @Tag("H03")
    @Tag("H17")
    @Needs(Need.STRACE)
    void isHeldWhenABrowserDoesNotGoThoughItWasForcedTo() throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        sandbox.holdInADebugger(wedged.handle());
        cli.mark(wedged.pid());

        Cli.Run run = cli.launch("--term-grace=PT0.5S");

        assertThat(run.exitCode()).as(run.out()).isEqualTo(3);
        assertThat(run.signals()).containsExactly("TERM " + wedged.pid(), "KILL " + wedged.pid());
        assertThat(run.states())
                .containsExactly(
                        "START",
                        "MARKER_CHECK",
                        "HOLDER_READ",
                        "DECIDE",
                        "TEARDOWN_GRACE",
                        "TERM",
                        "REVALIDATE",
                        "KILL",
                        "PREFLIGHT",
                        "HELD");
        assertThat(run.json().path("summary").asString()).contains("the guard used force, but it has not exited");
        assertThat(sandbox.lockTarget()).hasValue(host + "-" + wedged.pid());
    }

    @Test
    @Tag("H18")
    void letsAConsentingBrowserEndByItself() throws Exception {
        Chromium leaving = Chromium.start(sandbox, "leaving");
        cli.mark(leaving.pid());
        Process launcher = cli.start(
                "launcher",
                "launch",
                "--json",
                "--progress",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT5S");
        await().atMost(30, SECONDS).until(() -> sandbox.output("launcher.err").contains("TEARDOWN_GRACE"));

        sandbox.interrupt(leaving.handle());

        assertThat(launcher.waitFor(30, SECONDS)).isTrue();
        Cli.Run run = new Cli.Run(launcher.exitValue(), sandbox.output("launcher.out"), "");
        assertThat(run.exitCode()).isZero();
        assertThat(run.signals()).isEmpty();
        // A busy machine may see it make progress, and begin the grace anew.
        assertThat(run.states().stream().distinct())
                .containsExactly(
                        "START", "MARKER_CHECK", "HOLDER_READ", "DECIDE", "TEARDOWN_GRACE", "PREFLIGHT", "READY");
        assertANewBrowserStarts();
    }

    @Test
    @Tag("H08")
    void removesTheLockOfABrowserThatWasKilled() throws Exception {
        Chromium killed = Chromium.start(sandbox, "killed");
        killed.kill();
        assertThat(sandbox.lockTarget()).hasValue(host + "-" + killed.pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isZero();
        assertThat(run.signals()).isEmpty();
        assertThat(run.json().path("summary").asString()).contains("has exited");
        assertThat(sandbox.lockTarget()).isEmpty();
        assertANewBrowserStarts();
    }

    @Test
    @Tag("H13")
    void takesAnUnreapedZombieForWhatItIs() throws Exception {
        Process parent = sandbox.start(
                "parent",
                List.of(
                        "/bin/sh",
                        "-c",
                        "\"$@\" & wait; sleep 600",
                        "sh",
                        Chromium.command(sandbox.profile()).get(0),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--user-data-dir=" + sandbox.profile(),
                        "--remote-debugging-port=0",
                        "about:blank"));
        await().atMost(30, SECONDS).until(() -> Chromium.answersDevTools(sandbox.profile()));
        long pid = Long.parseLong(sandbox.lockTarget().orElseThrow().substring(host.length() + 1));
        sandbox.adoptTree(parent.toHandle());
        sandbox.stop(parent.toHandle());
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        await().atMost(60, SECONDS).until(() -> Sandbox.state(pid).orElse(""), "Z"::equals);

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).isEmpty();
        assertThat(Sandbox.state(pid)).hasValue("Z");
        assertANewBrowserStarts();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nohyphen", "HOST-0", "HOST-1", "HOST-4294967298", "HOST-99999999999999999999", "HOST-", "-77"})
    @Tag("H06")
    @Tag("H12")
    void isHeldByALockThatNamesNobodyAndLeavesItAlone(String target) throws Exception {
        sandbox.writeLock(target.replace("HOST", host));

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.outcome()).isEqualTo("held");
        assertThat(run.signals()).isEmpty();
        assertThat(run.json().path("advice").asString()).contains("SingletonLock");
        assertThat(sandbox.lockTarget()).hasValue(target.replace("HOST", host));
    }

    @Test
    @Tag("H12")
    void isHeldByALockThatIsNotUtf8() throws Exception {
        Process link = sandbox.start(
                "link",
                List.of(
                        "/bin/sh",
                        "-c",
                        "ln -s \"$(printf 'h\\377st-77')\" \"$0\"",
                        sandbox.lock().toString()));
        assertThat(link.waitFor()).isZero();

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.json().path("summary").asString()).contains("not UTF-8");
        assertThat(Files.isSymbolicLink(sandbox.lock())).isTrue();
    }

    @Test
    @Tag("H22")
    void isHeldByALockThatIsNoLink() throws Exception {
        Files.writeString(sandbox.lock(), "not a link");

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.json().path("summary").asString()).contains("not a symbolic link");
        assertThat(sandbox.lock()).hasContent("not a link");
    }

    @Test
    @Tag("H09")
    @Tag("H10")
    @Tag("H11")
    void isHeldByTheLockOfAnotherHostAndNamesIt() throws Exception {
        Chromium healthy = Chromium.start(sandbox, "healthy");
        cli.mark(healthy.pid());
        Files.delete(sandbox.lock());
        sandbox.writeLock("another-host.example-" + healthy.pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("same-host");
        assertThat(run.signals()).isEmpty();
        assertThat(run.json().path("summary").asString()).contains("another-host.example");
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
    }

    @Test
    @Tag("H02")
    @Tag("H20")
    void neverTouchesAnInnocentProcessThatTheLockNames() throws Exception {
        Process innocent = sandbox.start("innocent", List.of("/bin/sleep", "600"));
        sandbox.writeLock(host + "-" + innocent.pid());
        cli.mark(ProcessHandle.current().pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-names-holder");
        assertThat(run.signals()).isEmpty();
        assertThat(innocent.isAlive()).isTrue();
        assertThat(sandbox.lockTarget()).hasValue(host + "-" + innocent.pid());
    }

    @Test
    @Tag("H01")
    @Tag("H23")
    void startsNoSecondBrowserWhenTheSocketDirectoryIsGone() throws Exception {
        Chromium healthy = Chromium.start(sandbox, "healthy");
        Path socket = Files.readSymbolicLink(sandbox.profile().resolve("SingletonSocket"));
        try (Stream<Path> files = Files.list(socket.getParent())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(socket.getParent());
        List<String> arguments = new ArrayList<>(List.of("--"));
        arguments.addAll(Chromium.command(sandbox.profile()));

        Cli.Run run = cli.launch(arguments.toArray(String[]::new));

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.signals()).isEmpty();
        assertThat(healthy.isReady()).isTrue();
        assertThat(sandbox.lockTarget()).hasValue(host + "-" + healthy.pid());
    }

    @Test
    @Tag("H10")
    @Needs(Need.NAMESPACES)
    void signalsNobodyForABrowserInAnotherPidNamespace() throws Exception {
        Chromium.start(sandbox, "contained", "unshare", "-p", "-f", "--mount-proc");
        assertThat(sandbox.lockTarget()).hasValue(host + "-1");

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.signals()).isEmpty();
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
    }

    @Test
    @Tag("H09")
    @Needs(Need.NAMESPACES)
    void isHeldWhenTheHostsNameHasChangedSinceTheBrowserStarted() throws Exception {
        Chromium renamed = Chromium.start(
                sandbox, "renamed", "unshare", "-u", "sh", "-c", "hostname renamed-7.example; exec \"$@\"", "sh");
        assertThat(sandbox.lockTarget()).hasValue("renamed-7.example-" + renamed.pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.signals()).isEmpty();
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    @Tag("H07")
    void letsExactlyOneOfSeveralLaunchersStartTheBrowser(int launchers) throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        sandbox.stop(wedged.handle());
        cli.mark(wedged.pid());
        List<String> arguments = new ArrayList<>(
                List.of("launch", "--json", "--profile=" + sandbox.profile(), "--launcher-wait=PT20S", "--"));
        arguments.addAll(Chromium.command(sandbox.profile()));
        Files.delete(sandbox.profile().resolve("DevToolsActivePort"));

        List<Process> all = new ArrayList<>();
        for (int i = 0; i < launchers; i++) {
            all.add(cli.start("launcher-" + i, arguments.toArray(String[]::new)));
        }
        await().atMost(90, SECONDS)
                .until(() -> all.stream().filter(process -> !process.isAlive()).count() == launchers - 1);
        await().atMost(30, SECONDS).until(() -> Chromium.answersDevTools(sandbox.profile()));
        all.forEach(process -> sandbox.adoptTree(process.toHandle()));

        List<String> signals = new ArrayList<>();
        for (int i = 0; i < launchers; i++) {
            Cli.Run run = new Cli.Run(0, sandbox.output("launcher-" + i + ".out"), "");
            assertThat(run.outcome()).isEqualTo(all.get(i).isAlive() ? "ready" : "held");
            signals.addAll(run.signals());
        }
        assertThat(signals.stream().filter(signal -> !signal.startsWith("CONT")))
                .containsExactly("TERM " + wedged.pid());
        assertThat(all).filteredOn(process -> !process.isAlive()).allMatch(process -> process.exitValue() == 3);
    }

    @Test
    void explainsWithoutChangingAnything() throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        sandbox.stop(wedged.handle());
        wedged.helpers().stream()
                .filter(helper -> Sandbox.isAlive(helper.pid()))
                .forEach(sandbox::stop);
        cli.mark(wedged.pid());
        Map<String, String> before = sandbox.snapshot();

        Cli.Run run = cli.run("explain", "--json", "--profile=" + sandbox.profile());

        assertThat(run.exitCode()).isZero();
        assertThat(run.json().path("verdict").path("kind").asString()).isEqualTo("reap");
        assertThat(run.json().path("cache").path("status").asString()).isEqualTo("in-use");
        assertThat(run.json().path("predicates")).hasSizeGreaterThan(15);
        assertThat(sandbox.snapshot()).isEqualTo(before);
        assertThat(Sandbox.state(wedged.pid())).hasValue("T");
    }

    private void assertANewBrowserStarts() throws IOException {
        Chromium successor = Chromium.start(sandbox, "successor");
        assertThat(sandbox.lockTarget()).hasValue(host + "-" + successor.pid());
        assertThat(successor.databaseErrors()).isEmpty();
    }
}
