package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.Wine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Windows platform in Windows JVMs, by Wine: its own tests, and the drill. */
@Tag("wine")
@Timeout(900)
class WineIT {

    /** The command line of a Windows program is at most 32,767 characters long. */
    private static final Pattern NEEDED = Pattern.compile("guard-core|guard-platform|/jna|/junit-|opentest4j"
            + "|open-test-reporting|apiguardian|assertj|byte-buddy|awaitility|hamcrest|jspecify");

    private static Wine wine;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        wine = Wine.start();
    }

    @AfterAll
    static void end() throws IOException, InterruptedException {
        if (wine != null) {
            wine.close();
        }
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

        assertThat(result.exitCode()).isZero();
        assertThat(count(result.output(), "tests found"))
                .isPositive()
                .isEqualTo(count(result.output(), "tests successful"));
    }

    @Tag("H06")
    @Tag("H20")
    @Tag("H25")
    @Test
    void theDrillSeesWhatItExpects() throws IOException, InterruptedException {
        Path jar = Path.of(System.getProperty("relaunchguard.jar"));

        Wine.Result result = wine.java(directory, List.of("-jar", Wine.path(jar), "drill"));

        assertThat(result.exitCode()).isZero();
        assertThat(result.output())
                .contains("system   Windows")
                .containsPattern("1[0-9] scenarios played, 0 different");
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
