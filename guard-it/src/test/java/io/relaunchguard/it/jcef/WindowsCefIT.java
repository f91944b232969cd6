package io.relaunchguard.it.jcef;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.WindowsCef;
import io.relaunchguard.it.harness.Wine;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guard beside a real CEF of Windows, by Wine, without a page: its lock, its windows, and who ends how. */
@Tag("long")
@Tag("wine")
@Needs({Need.WINE, Need.XVFB, Need.WINDOWS_JRE, Need.WINDOWS_CEF})
@ExtendWith(Wine.OneForAll.class)
@Timeout(600)
class WindowsCefIT {

    /** What the browser's JVM needs to say what its process consents to, and to call CEF. JCEF comes in the version of that CEF. */
    private static final Pattern NEEDED = Pattern.compile(
            "guard-it/target|guard-core|guard-platform|guard-statemachine|/jna|jspecify|commons-logging");

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int ATTEMPTS = 3;

    private static Wine wine;
    private static String cef;

    @TempDir
    private static Path shared;

    private static Path launcher;
    private static Path classPath;

    @TempDir
    Path directory;

    private Path profile;
    private final List<Process> browsers = new ArrayList<>();

    @BeforeAll
    static void unpack(Wine windows) throws IOException, InterruptedException {
        wine = windows;
        cef = Wine.path(WindowsCef.natives());
        launcher = Wine.unpackLauncher(Files.createDirectory(shared.resolve("launcher")));
        classPath = Files.writeString(
                shared.resolve("class-path"),
                "-cp \""
                        + Stream.concat(
                                        Stream.of(WindowsCef.classes()),
                                        Stream.of(System.getProperty("java.class.path")
                                                        .split(":"))
                                                .filter(path ->
                                                        NEEDED.matcher(path).find())
                                                .map(Path::of))
                                .map(path -> Wine.path(path).replace('\\', '/'))
                                .collect(Collectors.joining(";"))
                        + "\"");
    }

    @BeforeEach
    void profile() throws IOException {
        profile = Files.createDirectory(directory.resolve("profile"));
    }

    @AfterEach
    void endBrowsers() throws InterruptedException {
        for (Process browser : browsers) {
            browser.destroyForcibly().waitFor();
        }
    }

    /** One after the other, as a start of CEF takes longest. */
    @Tag("H01")
    @Tag("H04")
    @Tag("H25")
    @Tag("H68")
    @Test
    void sparesAHealthyBrowserAndOnItsConsentAsksItSoThatItIsClosed() throws Exception {
        Path lock = Files.createFile(profile.resolve("lockfile"));
        assertThat(launch().exitCode()).as("beside a lock that was left").isZero();

        Browser browser = start("closes");

        assertThat(lock).isEmptyFile();
        assertThat(guard("explain", "--json").output())
                .contains("\"kind\":\"spare\"", "\"reason\":\"marker-present\"", "\"status\":\"in-use\"")
                .contains("process " + browser.pid() + " has it");
        Wine.Result second = launch();
        assertThat(second.exitCode()).isEqualTo(3);
        assertThat(second.output()).contains("\"signals\":[]");
        assertThat(browser.process().isAlive()).isTrue();

        assertThat(guard("mark", "--pid", Long.toString(browser.pid()), "--from", "1", "--to", "2")
                        .exitCode())
                .isZero();
        Wine.Result successor = launch();

        assertThat(successor.exitCode()).as(successor.output()).isZero();
        assertThat(successor.output()).contains("\"TERM\"").doesNotContain("\"KILL\"");
        browser.hear("hook");
        browser.hear("disposed");
        assertThat(browser.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(lock).doesNotExist();
    }

    /** Its user interface alone, or all of it. */
    @Tag("H01")
    @Tag("H25")
    @ParameterizedTest
    @ValueSource(strings = {"hangs", "is suspended"})
    void endsABrowserThatConsentedAndThen(String fault) throws Exception {
        Browser browser = start(fault);
        browser.hear(fault);

        Wine.Result successor = launch();

        assertThat(successor.exitCode()).as(successor.output()).isZero();
        assertThat(successor.output()).containsSubsequence("\"TERM\"", "\"KILL\"");
        assertThat(browser.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(profile.resolve("lockfile")).doesNotExist();
    }

    /** As the guide has it. Without it Chromium's window, which is told first, ends the process, and no hook runs. */
    @Tag("H04")
    @Tag("H68")
    @Test
    void theEndOfTheSessionClosesAnApplicationThatAsksForIt() throws Exception {
        Browser browser = start("closes");

        Wine.Result end = ask("end the session", browser);

        assertThat(end.output()).containsSubsequence("Chrome_StatusTrayWindow", "SunAwtToolkit");
        browser.hear("hook");
        browser.hear("disposed");
        assertThat(browser.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(browser.process().exitValue()).isZero();
    }

    /** JCEF as it is makes no lock in that version; so it is asked without a launch. */
    @Tag("H04")
    @Tag("H68")
    @Test
    void theRequestClosesTheWindowOfAnApplicationWithJcefAndDisposesOfIt() throws Exception {
        Browser browser = start("jcef");
        assertThat(profile.resolve("lockfile")).doesNotExist();

        Wine.Result request = ask("request", browser);

        assertThat(request.output()).contains("DELIVERED");
        browser.hear("windowClosing");
        browser.hear("hook");
        browser.hear("disposed");
        assertThat(browser.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    /** To see who has the lock takes Wine long. A launch that waits in vain for that has ended nothing: then it asks again. */
    private Wine.Result launch() throws IOException, InterruptedException {
        Wine.Result result = guard("launch", "--json");
        return result.output().contains("the operating system did not answer in time")
                ? guard("launch", "--json")
                : result;
    }

    private Wine.Result guard(String... command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-jar", Wine.path(launcher)));
        arguments.addAll(List.of(command));
        arguments.addAll(List.of("--profile", Wine.path(profile)));
        return wine.java(directory, arguments);
    }

    private Wine.Result ask(String what, Browser browser) throws IOException, InterruptedException {
        return wine.java(directory, program(List.of(what, cef, Wine.path(profile), Long.toString(browser.pid()))));
    }

    /** Starts a browser until it is ready. Now and then CEF hangs in its start under Wine; then it is started again. */
    private Browser start(String part) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Process process = wine.start(program(WindowsBrowser.arguments(part, cef, Wine.path(profile))));
            browsers.add(process);
            BufferedReader says = process.inputReader(StandardCharsets.UTF_8);
            try {
                String ready = hear(says, "ready ");
                assertThat(ready).startsWith("ready ");
                return new Browser(process, says, Long.parseLong(ready.substring("ready ".length())));
            } catch (TimeoutException e) {
                process.destroyForcibly().waitFor();
                if (attempt == ATTEMPTS) {
                    throw new AssertionError("No start of CEF was ready in %s".formatted(PATIENCE), e);
                }
            }
        }
    }

    private static List<String> program(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("@" + Wine.path(classPath), WindowsBrowser.class.getName()));
        command.addAll(arguments);
        return command;
    }

    /** Waits until it says a line that begins so. JCEF says more. A read of a pipe ends for no interrupt. */
    private static String hear(BufferedReader says, String beginning) throws InterruptedException, TimeoutException {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Thread reader = new Thread(() -> heard.complete(read(says, beginning)), "hear-" + beginning);
        reader.setDaemon(true);
        reader.start();
        try {
            return heard.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(BufferedReader says, String beginning) {
        List<String> before = new ArrayList<>();
        try {
            for (String line = says.readLine(); line != null; line = says.readLine()) {
                if (line.startsWith(beginning)) {
                    return line;
                }
                before.add(line);
            }
        } catch (IOException e) {
            before.add(e.toString());
        }
        return "It ended before it said \"" + beginning + "\", and said " + before;
    }

    /** One that runs. */
    private record Browser(Process process, BufferedReader says, long pid) {

        void hear(String beginning) throws InterruptedException, TimeoutException {
            assertThat(WindowsCefIT.hear(says, beginning)).startsWith(beginning);
        }
    }
}
