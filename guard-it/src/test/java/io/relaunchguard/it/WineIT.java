package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.Wine;
import io.relaunchguard.it.secondstart.RunningApplication;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The Windows platform in Windows JVMs, by Wine: its own tests, and the drill. */
@Tag("long")
@Tag("wine")
@Needs({Need.WINE, Need.XVFB, Need.WINDOWS_JRE})
@ExtendWith(Wine.OneForAll.class)
@Timeout(900)
class WineIT {

    /** The command line of a Windows program is at most 32,767 characters long. */
    private static final Pattern NEEDED = Pattern.compile("guard-core|guard-platform|/jna|/junit-|opentest4j"
            + "|open-test-reporting|apiguardian|assertj|byte-buddy|awaitility|hamcrest|jspecify|guard-testing");

    private static final Pattern LEAVE = Pattern.compile("window: .*process (\\d+) may come to the front");

    private static final Pattern HOLDER = Pattern.compile("\"holder\":\\{[^}]*\"pid\":(\\d+)");

    private static Wine wine;

    @TempDir
    private static Path unpacked;

    private static Path launcher;

    @TempDir
    Path directory;

    @BeforeAll
    static void unpack(Wine windows) throws IOException, InterruptedException {
        wine = windows;
        launcher = Wine.unpackLauncher(unpacked);
    }

    private static List<String> launcher(String... arguments) {
        List<String> command = new ArrayList<>(List.of("-jar", Wine.path(launcher)));
        command.addAll(List.of(arguments));
        return command;
    }

    @Tag("H25")
    @Test
    void thePlatformsTestsPassInAWindowsJvm() throws IOException, InterruptedException {
        Path tests = Path.of(System.getProperty("relaunchguard.platform.tests"));
        assertThat(tests.resolve("io/relaunchguard/platform/windows")).isDirectory();
        String classPath = Stream.concat(
                        Stream.of(tests),
                        Stream.of(System.getProperty("java.class.path").split(":"))
                                .map(Path::of))
                .filter(path -> NEEDED.matcher(path.toString()).find())
                .map(Wine::path)
                .collect(Collectors.joining(";"));

        Wine.Result result = wine.java(
                directory,
                List.of(
                        "-cp",
                        classPath,
                        "org.junit.platform.console.ConsoleLauncher",
                        "execute",
                        "--disable-banner",
                        "--disable-ansi-colors",
                        "--details=tree",
                        "--fail-if-no-tests",
                        // One that waits in vain is named, and not ended with all the others.
                        "--config=junit.jupiter.execution.timeout.testable.method.default=120 s",
                        "--config=junit.jupiter.execution.timeout.thread.mode.default=SEPARATE_THREAD",
                        "--select-package=io.relaunchguard.platform.windows",
                        "--include-tag=windows"));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(count(result.output(), "tests found"))
                .isPositive()
                .isEqualTo(count(result.output(), "tests successful"));
    }

    @Tag("H06")
    @Tag("H20")
    @Tag("H25")
    @Test
    void theDrillSeesWhatItExpects() throws IOException, InterruptedException {
        Wine.Result result = wine.java(directory, launcher("drill"));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("system   Windows")
                .containsPattern("1[0-9] scenarios played, 0 different");
    }

    /** Neither in the jar nor in the system: as when the temporary directory cannot be written or allows no programs. */
    private static List<String> withoutNativeCalls(List<String> command) {
        List<String> without = new ArrayList<>(List.of("-Djna.nosys=true", "-Djna.noclasspath=true"));
        without.addAll(command);
        return without;
    }

    @Tag("H26")
    @Test
    void isReadyWithoutNativeCallsWhereThereIsNoLock() throws IOException, InterruptedException {
        Wine.Result result = wine.java(directory, withoutNativeCalls(launcher("launch", "--json", "--profile", ".")));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("Unable to locate JNA native support library")
                .contains("\"outcome\":\"ready\"", "\"signals\":[]")
                .containsSubsequence("\"START\"", "\"PREFLIGHT\"", "\"READY\"")
                .doesNotContain("1970-01-01");
    }

    @Tag("H01")
    @Tag("H26")
    @Test
    void failsWithoutNativeCallsWhereThereIsALock() throws IOException, InterruptedException {
        Files.createFile(directory.resolve("lockfile"));

        Wine.Result result = wine.java(directory, withoutNativeCalls(launcher("launch", "--json", "--profile", ".")));

        assertThat(result.exitCode()).as(result.output()).isEqualTo(4);
        assertThat(result.output()).contains("\"outcome\":\"failed\"", "\"signals\":[]");
        assertThat(directory.resolve("lockfile")).exists();
    }

    /** The right to the foreground, for the very process that has the profile. Wine 8 has no sockets to ask it by then. */
    @Tag("H29")
    @Tag("H38")
    @Test
    void aSecondStartLetsTheRunningInstanceComeToTheFrontBeforeItAsks() throws IOException, InterruptedException {
        Path classPath = classPath();
        Path profile = Files.createDirectory(directory.resolve("profile"));
        Process running = hold(classPath, profile);

        Wine.Result second = wine.java(
                directory,
                List.of(
                        "@" + Wine.path(classPath),
                        RunningApplication.class.getName(),
                        "--relaunch-guard.profile=" + Wine.path(profile),
                        "--relaunch-guard.second-start.enabled=true",
                        "--logging.level.io.relaunchguard=debug"));

        running.getOutputStream().close();
        assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitCode()).as(second.output()).isEqualTo(3);
        assertThat(second.output())
                .containsSubsequence(
                        "The running instance's window:",
                        "may come to the front",
                        "The running instance has not taken over this start: no instance listens on this profile");
        Matcher leave = LEAVE.matcher(second.output());
        assertThat(leave.find()).isTrue();
        assertThat(second.output()).contains("process " + leave.group(1));
    }

    @Test
    void theSmallJarSparesARunningInstanceThenEndsItOnceItHasConsented() throws IOException, InterruptedException {
        Path profile = Files.createDirectory(directory.resolve("profile"));
        Process running = hold(classPath(), profile);

        Wine.Result held = small("launch", "--json", "--cache-release=PT0.2S", "--profile", Wine.path(profile));
        assertThat(held.exitCode()).as(held.output()).isEqualTo(3);
        assertThat(held.output())
                .contains("\"outcome\":\"held\"", "\"reason\":\"marker-present\"", "\"faults\":[]", "\"signals\":[]");
        Matcher holder = HOLDER.matcher(held.output());
        assertThat(holder.find()).isTrue();
        String pid = holder.group(1);

        Wine.Result marked = small("mark", "--profile", Wine.path(profile), "--pid", pid);
        assertThat(marked.exitCode()).as(marked.output()).isZero();
        assertThat(running.isAlive()).isTrue();

        Wine.Result reaped = small(
                "launch",
                "--json",
                "--profile",
                Wine.path(profile),
                "--teardown-grace=PT0.1S",
                "--teardown-grace-limit=PT0.1S",
                "--term-grace=PT0.3S");
        assertThat(reaped.exitCode()).as(reaped.output()).isZero();
        assertThat(reaped.output())
                .contains("\"outcome\":\"ready\"", "\"faults\":[]", "{\"signal\":\"KILL\",\"pid\":" + pid);
        assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Wine.Result small(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("-jar", Wine.path(Path.of(System.getProperty("relaunchguard.small-jar")))));
        command.addAll(List.of(arguments));
        return wine.java(directory, command);
    }

    /** A class path may be longer than a command line. */
    private Path classPath() throws IOException {
        return Files.writeString(
                directory.resolve("class-path"),
                "-cp \""
                        + Stream.concat(
                                        Stream.of(System.getProperty("relaunchguard.platform.tests")),
                                        Stream.of(System.getProperty("java.class.path")
                                                .split(":")))
                                .map(path -> Wine.path(Path.of(path)).replace('\\', '/'))
                                .collect(Collectors.joining(";"))
                        + "\"");
    }

    /** Starts an instance that has this profile. */
    private static Process hold(Path classPath, Path profile) throws IOException {
        Process running = wine.start(List.of(
                "@" + Wine.path(classPath),
                "io.relaunchguard.platform.windows.WindowsChild",
                "hold",
                Wine.path(profile)));
        assertThat(running.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("true");
        return running;
    }

    private static int count(String output, String what) {
        return output.lines()
                .filter(line -> line.matches("\\[ *\\d+ " + what + " *\\]"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(-1);
    }
}
