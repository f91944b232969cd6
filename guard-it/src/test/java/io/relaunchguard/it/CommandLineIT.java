package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line with good and bad input, and launchers that are killed; without a browser. */
class CommandLineIT {

    private static final String MARK = "mark \"$0\" \"$1\"";
    private static final String MARKER = "RelaunchGuard.marker";

    @AutoClose
    final Sandbox sandbox = new Sandbox();

    final Cli cli = cli(sandbox);

    /** The launcher that these tests run. */
    Cli cli(Sandbox of) {
        return new Cli(of);
    }

    @Test
    @Tag("H26")
    void isReadyOnAnEmptyProfile() throws Exception {
        Cli.Run run = cli.run(cli.jar("launch", "--json", "--profile=" + sandbox.profile()));

        assertThat(run.exitCode()).isZero();
        assertThat(run.states()).containsExactly("START", "READY");
        assertThat(run.err()).isEmpty();
    }

    @Test
    @Tag("H26")
    void needsNeitherTheNativeLibraryNorTheStateMachineWhereNobodyHoldsTheProfile() throws Exception {
        // A launch that does not get the launch lock at once goes on to the state machine: here on a machine that is
        // busy.
        await().atMost(120, SECONDS).untilAsserted(this::isReadyWithoutBoth);
    }

    private void isReadyWithoutBoth() throws IOException, InterruptedException {
        Path classes = sandbox.root().resolve("classes");
        List<String> command = cli.line("launch", "--json", "--profile=" + sandbox.profile());
        command.add(1, "-Xlog:class+load:file=" + classes);

        assertThat(cli.run(command).outcome()).isEqualTo("ready");
        assertThat(loaded(classes, "io.relaunchguard.statemachine.engine.Launch "))
                .hasSize(1);
        assertThat(loaded(classes, "com.sun.jna.Native ")).isEmpty();
        assertThat(loaded(classes, "org.springframework.statemachine.")).isEmpty();
        assertThat(loaded(classes, "reactor.core.")).isEmpty();
    }

    private static List<String> loaded(Path classes, String name) throws IOException {
        return Files.readAllLines(classes).stream()
                .filter(line -> line.contains("] " + name))
                .toList();
    }

    @Test
    void passesTheExitCodeOfTheApplicationOn() throws Exception {
        assertThat(cli.launch("--", "/bin/sh", "-c", "exit 42").exitCode()).isEqualTo(42);
    }

    @Test
    void keepsStandardOutputToOneJsonObjectWhateverTheApplicationPrints() throws Exception {
        Cli.Run run = cli.launch("--", "/bin/sh", "-c", "echo from the application");

        assertThat(run.outcome()).isEqualTo("ready");
        assertThat(run.out()).doesNotContain("from the application");
        assertThat(run.err()).contains("from the application");
    }

    @Test
    @Tag("H66")
    void passesArgumentsOnAsTheyAreThoughTheyBeginWithAt() throws Exception {
        Path file = Files.writeString(sandbox.root().resolve("arguments"), "replaced");

        Cli.Run run = cli.launch("--", "/bin/sh", "-c", "echo \"<$1>\"", "sh", "@" + file);

        assertThat(run.outcome()).isEqualTo("ready");
        assertThat(run.err()).contains("<@" + file + ">");
    }

    @Test
    @Tag("H66")
    void refusesAnArgumentThatItWouldPassOnChanged() throws Exception {
        Cli.Run refused = cli.run(withUmlaut("LC_ALL=C"));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("the argument \"gr??n\"", "LC_ALL=C.UTF-8");
        assertThat(refused.out()).isEmpty();
        assertThat(sandbox.profile()).isEmptyDirectory();

        Cli.Run passed = cli.run(withUmlaut("LC_ALL=C.UTF-8"));
        assertThat(passed.exitCode()).isZero();
        assertThat(passed.out()).contains("67 72 c3 bc 6e");
    }

    @Test
    @Tag("H66")
    void startsAProgramFromADirectoryOfThePathThatItCannotDecode() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "d=\"$0/$(printf 'gr\\303\\274n')\"; mkdir \"$d\" && ln -s /bin/true \"$d/a-tool-of-the-test\""
                        + " && exec /usr/bin/env LC_ALL=C PATH=\"$d\" \"$@\"",
                sandbox.root().toString()));
        command.addAll(cli.line("launch", "--profile=" + sandbox.profile(), "--", "a-tool-of-the-test"));

        Cli.Run run = cli.run(command);

        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    /** The argument's bytes are made by a shell: this JVM's locale may not have them either. */
    private List<String> withUmlaut(String locale) {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", "exec env %s \"$@\" \"$(printf 'gr\\303\\274n')\"".formatted(locale), "sh"));
        command.addAll(cli.line(
                "launch",
                "--profile=" + sandbox.profile(),
                "--",
                "/bin/sh",
                "-c",
                "printf %s \"$1\" | od -An -tx1",
                "sh"));
        return command;
    }

    @Test
    @Tag("H66")
    void printsNumbersInDigitsThatOtherProgramsRead() throws Exception {
        Process holder = sandbox.start("holder", List.of("sleep", "600"));
        sandbox.writeLock(hostName() + "-" + holder.pid());
        List<String> command = cli.line("explain", "--profile=" + sandbox.profile());
        command.addAll(1, List.of("-Duser.language=ar", "-Duser.country=EG"));

        assertThat(cli.run(command).out()).contains("process " + holder.pid() + " has it");
    }

    @Test
    @Tag("H66")
    void showsControlCharactersOfAPathEscapedAndKeepsThemInJson() throws Exception {
        Path hostile = Files.createDirectory(sandbox.root().resolve("two\nlines\u001b[31m"));
        Path lock = Files.createDirectory(hostile.resolve("RelaunchGuard.lock"));

        Cli.Run text = cli.run("launch", "--profile=" + hostile);
        Cli.Run json = cli.run("launch", "--json", "--profile=" + hostile);

        assertThat(text.exitCode()).isEqualTo(3);
        assertThat(text.out()).contains("two\\u000alines\\u001b[31m").doesNotContain("\u001b");
        assertThat(text.err()).doesNotContain("\u001b");
        assertThat(json.json().path("summary").asString()).contains(lock.toString());
    }

    @Test
    @Tag("H46")
    @EnabledForJreRange(min = JRE.JAVA_25)
    void tellsTheCauseOfANativeLibraryThatMayNotBeLoadedAndTheOptionThatHelps() throws Exception {
        Process holder = sandbox.start("holder", List.of("sleep", "600"));
        sandbox.writeLock(hostName() + "-" + holder.pid());
        List<String> command = cli.line("launch", "--profile=" + sandbox.profile());
        command.remove("--enable-native-access=ALL-UNNAMED");
        command.add(1, "--illegal-native-access=deny");

        Cli.Run run = cli.run(command);

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("IllegalCallerException", "--enable-native-access=ALL-UNNAMED");
        assertThat(holder.isAlive()).isTrue();
    }

    @Test
    void saysWhichApplicationCannotBeStarted() throws Exception {
        Path script = Files.writeString(sandbox.root().resolve("script"), "#!/no/such/interpreter\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        Cli.Run run = cli.launch("--", script.toString());

        assertThat(run.exitCode()).isEqualTo(126);
        assertThat(run.err()).contains("\"" + script + "\" cannot be started");
    }

    @Test
    @Tag("H34")
    void endsNobodyForAnApplicationThatIsNotThere() throws Exception {
        Process wedged = sandbox.start("wedged", List.of("/bin/sleep", "600"));
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        cli.mark(wedged.pid());

        Cli.Run run = cli.launch("--", "/no/such/program");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("there is no such file. Nothing was changed.");
        assertThat(wedged.isAlive()).isTrue();
        assertThat(sandbox.profile().resolve("RelaunchGuard.marker")).exists();
    }

    @Test
    void endsTheApplicationWhenItIsAskedToEndItself() throws Exception {
        Process launcher = cli.start(
                "launcher",
                "launch",
                "--profile=" + sandbox.profile(),
                "--",
                "/bin/sh",
                "-c",
                "echo up; exec sleep 600");
        await().atMost(30, SECONDS).until(() -> sandbox.output("launcher.out").contains("up"));
        List<ProcessHandle> application = sandbox.adoptTree(launcher.toHandle());

        launcher.destroy();

        assertThat(launcher.waitFor(30, SECONDS)).isTrue();
        assertThat(application).isNotEmpty().noneMatch(process -> Sandbox.isAlive(process.pid()));
    }

    @Test
    void endsTheApplicationWhenItIsAskedToEndItselfWhileItStartsIt() throws Exception {
        Path pid = sandbox.root().resolve("pid");
        Process launcher = cli.start(
                "launcher",
                "launch",
                "--profile=" + sandbox.profile(),
                "--",
                "/bin/sh",
                "-c",
                "echo $$ > " + pid + "; kill -TERM $PPID; exec sleep 600");

        assertThat(launcher.waitFor(60, SECONDS)).isTrue();

        long application = Long.parseLong(Files.readString(pid).strip());
        assertThat(Sandbox.isAlive(application)).isFalse();
    }

    @Test
    @Tag("H07")
    void letsNoOtherLauncherThroughUntilTheApplicationHasItsLock() throws Exception {
        Process first = cli.start(
                "first", "launch", "--profile=" + sandbox.profile(), "--", "/bin/sh", "-c", "echo up; exec sleep 600");
        await().atMost(30, SECONDS).until(() -> sandbox.output("first.out").contains("up"));

        Cli.Run second = cli.launch();

        assertThat(second.exitCode()).isEqualTo(3);
        assertThat(second.reason()).isEqualTo("sole-launcher");
        assertThat(second.json().path("summary").asString()).contains("another launcher is at work");
        sandbox.writeLock("another-host.example-77");
        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(cli.run("explain", "--profile=" + sandbox.profile())
                                .out())
                        .contains("HOLDS    sole-launcher"));
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    @Tag("H12")
    @Needs(Need.OTHER_USER)
    void saysThatItMayNotUseTheProfile() throws Exception {
        Files.setPosixFilePermissions(sandbox.root(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(sandbox.profile(), PosixFilePermissions.fromString("r-xr-xr-x"));
        Map<String, String> before = sandbox.snapshot();

        Cli.Run run = asNobody("launch", "--profile=" + sandbox.profile());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("cannot be read and written by this user");
        assertThat(sandbox.snapshot()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"2, applied", "1, not-applied", "'', unknown"})
    @Tag("H51")
    void saysWhetherTheUpdateThatTheMarkerAnnouncesHasTakenEffect(String running, String effect) throws Exception {
        Process old = sandbox.start("old", List.of("/bin/sleep", "600"));
        sandbox.writeLock(hostName() + "-" + old.pid());
        cli.mark(old.pid());

        Cli.Run run = cli.launch("--running-version=" + running);

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.json().path("update").path("effect").asString()).isEqualTo(effect);
        if (effect.equals("not-applied")) {
            assertThat(run.err()).contains("WARN").contains("has not taken effect: version 1 runs", "AOT cache");
        } else {
            assertThat(run.err()).doesNotContain("AOT cache");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"too long", "torn", "link", "open to others", "pid only"})
    @Tag("H05")
    void sparesAHealthyHolderWhateverIsWrongWithTheMarkerAndLeavesItInPlace(String flaw) throws Exception {
        Process holder = sandbox.start("holder", List.of("/bin/sleep", "600"));
        sandbox.writeLock(hostName() + "-" + holder.pid());
        cli.mark(holder.pid());
        Path marker = sandbox.profile().resolve(MARKER);
        String message = switch (flaw) {
            case "too long" -> {
                Files.writeString(marker, "x".repeat(10 << 20));
                yield "longer than 8192 bytes";
            }
            case "torn" -> {
                String whole = Files.readString(marker);
                Files.writeString(marker, whole.substring(0, whole.length() / 2));
                yield "torn";
            }
            case "link" -> {
                Path aside = Files.move(marker, sandbox.root().resolve("aside"));
                Files.createSymbolicLink(marker, aside);
                yield "not a regular file";
            }
            case "open to others" -> {
                Files.setPosixFilePermissions(marker, PosixFilePermissions.fromString("rw-r--r--"));
                yield "0600";
            }
            default -> {
                Files.writeString(marker, holder.pid() + "\n");
                yield "not key=value";
            }
        };

        assertThatTheMarkerIsNoConsent(message, holder);
    }

    @Test
    @Needs(Need.ROOT)
    @Tag("H05")
    void sparesAHealthyHolderWhenTheMarkerIsAnotherUsersAndLeavesItInPlace() throws Exception {
        Process holder = sandbox.start("holder", List.of("/bin/sleep", "600"));
        sandbox.writeLock(hostName() + "-" + holder.pid());
        cli.mark(holder.pid());
        Files.setAttribute(sandbox.profile().resolve(MARKER), "unix:uid", 65534);

        assertThatTheMarkerIsNoConsent("another user", holder);
    }

    private void assertThatTheMarkerIsNoConsent(String message, Process holder) throws Exception {
        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-present");
        assertThat(run.json().path("summary").asString()).contains(message);
        assertThat(run.signals()).isEmpty();
        assertThat(holder.isAlive()).isTrue();
        assertThat(Files.exists(sandbox.profile().resolve(MARKER), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    @Test
    @Tag("H12")
    @Needs(Need.OTHER_USER)
    void sparesWhenTheMarkerCannotBeRead() throws Exception {
        Files.setAttribute(sandbox.profile(), "unix:uid", 65534);
        Process holder = sandbox.start("holder", List.of("/bin/sleep", "600"));
        sandbox.writeLock(hostName() + "-" + holder.pid());
        Path marker = Files.writeString(sandbox.profile().resolve(MARKER), "root's own");
        Files.setPosixFilePermissions(marker, PosixFilePermissions.fromString("---------"));

        Cli.Run run = asNobody("launch", "--json", "--profile=" + sandbox.profile(), "--cache-release=PT0.3S");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
        assertThat(run.signals()).isEmpty();
        assertThat(holder.isAlive()).isTrue();
        assertThat(marker).exists();
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"MARKER_CHECK", "HOLDER_READ", "TEARDOWN_GRACE", "TERM", "KILL", "PREFLIGHT"})
    @Tag("H28")
    void endsWellAfterALauncherThatWasKilledInAnyState(String state) throws Exception {
        Process wedged = sandbox.start("wedged", List.of("/bin/sh", "-c", "trap '' TERM; exec sleep 600"));
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        cli.mark(wedged.pid());
        sandbox.adoptTree(wedged.toHandle());
        Process killed = cli.start(
                "killed",
                "launch",
                "--progress",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT0.4S",
                "--teardown-grace-limit=PT1S",
                "--term-grace=PT0.4S");
        await().pollInterval(Duration.ofMillis(2))
                .atMost(30, SECONDS)
                .until(() -> sandbox.output("killed.err").contains(state));
        killed.destroyForcibly().waitFor();

        Cli.Run run = cli.launch("--term-grace=PT0.4S");

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).allMatch(signal -> signal.endsWith(" " + wedged.pid()));
        await().atMost(60, SECONDS).until(() -> !Sandbox.isAlive(wedged.pid()));
        assertThat(sandbox.snapshot().keySet())
                .containsExactlyInAnyOrder("", "RelaunchGuard.history", "RelaunchGuard.instance", "RelaunchGuard.lock");
    }

    @Test
    @Tag("H02")
    @Tag("H24")
    @Needs(Need.STRACE)
    void seesTheExitThroughThePidfdAndSignalsThroughItAlone() throws Exception {
        Process wedged = sandbox.start("wedged", List.of("/bin/sh", "-c", "trap '' TERM; exec sleep 600"));
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        cli.mark(wedged.pid());
        sandbox.adoptTree(wedged.toHandle());
        List<String> traced = new ArrayList<>(List.of(
                "strace",
                "-f",
                "-qq",
                "-o",
                sandbox.root().resolve("trace").toString(),
                "-e",
                "trace=pidfd_open,pidfd_send_signal,poll,kill,tkill,tgkill,execve"));
        traced.addAll(cli.line(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT0.4S",
                "--teardown-grace-limit=PT1S",
                "--term-grace=PT0.4S"));

        Cli.Run run = cli.run(traced);

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).containsExactly("TERM " + wedged.pid(), "KILL " + wedged.pid());
        String trace = sandbox.output("trace");
        assertThat(trace)
                .contains("pidfd_open(" + wedged.pid())
                .containsPattern("pidfd_send_signal\\(\\d+, SIGTERM")
                .containsPattern("pidfd_send_signal\\(\\d+, SIGKILL")
                .containsPattern("poll\\(\\[\\{fd=\\d+, events=POLLIN}, \\{fd=\\d+, events=POLLIN}], 2, -1")
                .doesNotContain(" kill(" + wedged.pid())
                .doesNotContain("kill(-");
        assertThat(trace.lines().filter(line -> line.contains("execve(")))
                .as("only Java itself is started, and what JNA asks for library paths when it is loaded")
                .allMatch(line -> line.contains("/bin/java\"")
                        || line.contains("/jspawnhelper\"")
                        || line.contains("/sbin/ldconfig\""));
    }

    @Test
    @Tag("H05")
    void believesAMarkerThatAShellWroteAsDocumented() throws Exception {
        Process holder = sandbox.start("holder", List.of("/bin/sleep", "600"));
        sandbox.writeLock(hostName() + "-" + holder.pid());
        Process writer = sandbox.start(
                "writer",
                List.of(
                        "/bin/sh",
                        "-c",
                        documentedShell(MARK),
                        sandbox.profile().toString(),
                        Long.toString(holder.pid())));
        assertThat(writer.waitFor()).as(sandbox.output("writer.err")).isZero();

        Cli.Run run = cli.run("explain", "--json", "--profile=" + sandbox.profile());

        assertThat(run.json().path("verdict").path("kind").asString())
                .as(run.out())
                .isEqualTo("reap");
    }

    /** In an {@code if}, where {@code set -e} counts for nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"cat", "stat", "read", "sync", "printf"})
    @Tag("H05")
    void theDocumentedShellWritesNoMarkerWhereACommandOfItFailsAndSaysSoInAConditionToo(String failing)
            throws Exception {
        Process holder = sandbox.start("holder", List.of("/bin/sleep", "600"));
        String call = failing + "() { return 1; }; if mark \"$0\" \"$1\"; then echo marked; else echo refused; fi";

        Process writer = sandbox.start(
                "writer",
                List.of(
                        "/bin/sh",
                        "-c",
                        documentedShell(call),
                        sandbox.profile().toString(),
                        Long.toString(holder.pid())));

        assertThat(writer.waitFor()).isZero();
        assertThat(sandbox.output("writer.out")).isEqualTo("refused\n");
        assertThat(sandbox.profile()).isEmptyDirectory();
    }

    /** By prctl(2), whose number each kind of processor has its own for. */
    @Test
    @Tag("H47")
    @Needs(Need.OTHER_USER)
    void theDocumentedShellWritesNoMarkerForAProcessThatIsNotDumpableAndSaysSo() throws Exception {
        String prctl = System.getProperty("os.arch").equals("aarch64") ? "167" : "157";
        Files.setPosixFilePermissions(sandbox.root(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setAttribute(sandbox.profile(), "unix:uid", 65534);
        List<String> nobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        List<String> command = new ArrayList<>(nobody);
        command.addAll(List.of(
                "perl",
                "-e",
                "syscall(" + prctl + ", 4, 0, 0, 0, 0) == 0 and print \"ready\"; close STDOUT; sleep 600"));
        Process holder = sandbox.start("holder", command);
        await().atMost(30, SECONDS).until(() -> sandbox.output("holder.out").equals("ready"));
        List<String> writing = new ArrayList<>(nobody);
        writing.addAll(List.of(
                "/bin/sh", "-c", documentedShell(MARK), sandbox.profile().toString(), Long.toString(holder.pid())));

        Process writer = sandbox.start("writer", writing);

        assertThat(writer.waitFor()).isNotZero();
        assertThat(sandbox.output("writer.err")).contains("no consent is given");
        assertThat(sandbox.profile()).isEmptyDirectory();
    }

    @Test
    @Tag("H06")
    @Tag("H20")
    @Tag("H25")
    @Needs(Need.CHROMIUM)
    void playsTheDrillAndLeavesNothingBehind() throws Exception {
        // What it starts has this path in its command line; other drills run beside this one.
        Path temporary = Files.createTempDirectory(Path.of("/tmp"), "d");
        List<String> command = new ArrayList<>(cli.jar("drill"));
        command.add(1, "-Djava.io.tmpdir=" + temporary);

        Cli.Run run = cli.run(command);

        System.out.println(run.out());
        assertThat(run.out())
                .contains(
                        "0 different", "root".equals(System.getProperty("user.name")) ? "23 scenarios" : "22 scenarios")
                .doesNotContain("DIFF");
        assertThat(run.exitCode()).isZero();
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(temporary.toString())))
                .isEmpty();
        Files.delete(temporary);
    }

    private Cli.Run asNobody(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        command.addAll(cli.jarForEverybody(arguments));
        return cli.run(command);
    }

    private static String documentedShell(String call) throws IOException {
        String document = Files.readString(Path.of("../docs/marker.md"));
        String shell = document.substring(document.indexOf("```sh\n") + 6, document.lastIndexOf("```") + 3);
        return shell.substring(0, shell.indexOf("```")) + "\n" + call;
    }

    static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}
