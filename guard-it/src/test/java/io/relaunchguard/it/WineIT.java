package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.Wine;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    private static Wine wine;

    /** The reference launcher as a jar and its libraries: without the jars in a jar a JVM starts in half the time. */
    @TempDir
    private static Path unpacked;

    @TempDir
    Path directory;

    @BeforeAll
    static void unpack(Wine windows) throws IOException, InterruptedException {
        wine = windows;
        int exitCode = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djarmode=tools",
                        "-jar",
                        System.getProperty("relaunchguard.jar"),
                        "extract",
                        "--force",
                        "--destination",
                        unpacked.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        assertThat(exitCode).isZero();
    }

    private static List<String> launcher(String... arguments) {
        Path name = Path.of(System.getProperty("relaunchguard.jar")).getFileName();
        List<String> command = new ArrayList<>(List.of("-jar", Wine.path(unpacked.resolve(name))));
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
                .containsPattern("\"outcome\" : \"ready\"")
                .containsPattern("\"signals\" : \\[ ]")
                .containsSubsequence("\"MARKER_CHECK\"", "\"PREFLIGHT\"", "\"READY\"")
                .doesNotContain("1970-01-01");
    }

    @Tag("H01")
    @Tag("H26")
    @Test
    void failsWithoutNativeCallsWhereThereIsALock() throws IOException, InterruptedException {
        Files.createFile(directory.resolve("lockfile"));

        Wine.Result result = wine.java(directory, withoutNativeCalls(launcher("launch", "--json", "--profile", ".")));

        assertThat(result.exitCode()).as(result.output()).isEqualTo(4);
        assertThat(result.output()).containsPattern("\"outcome\" : \"failed\"").containsPattern("\"signals\" : \\[ ]");
        assertThat(directory.resolve("lockfile")).exists();
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
