package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.secondstart.RunningApplication;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application that runs, and real second starts of it. */
@Tag("H29")
class SecondStartIT {

    private Sandbox sandbox;
    private Process running;

    @BeforeEach
    void open() {
        sandbox = new Sandbox();
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @Test
    void aSecondStartIsHeardAndEndsWell() throws Exception {
        run();
        List<String> command = command();
        command.addAll(List.of("--open", "a file"));
        Process second = start(
                "second", command, Map.of("DESKTOP_STARTUP_ID", "panel_TIME5", "XDG_ACTIVATION_TOKEN", "a-token"));

        assertThat(exitCode(second)).as(said("second")).isZero();
        assertThat(said("running"))
                .contains("--open, a file] in " + Path.of("").toAbsolutePath()
                        + ", by the click panel_TIME5 and the token a-token");
        assertThat(said("second")).doesNotContain("Exception", "FAILED");
        assertThat(running.isAlive()).isTrue();
    }

    @Tag("long")
    @Test
    @Tag("H03")
    void oneThatHangsInItsUserInterfaceIsToldFromOneThatIsStoppedAndBothAreSpared() throws Exception {
        run();
        Process second = startWith("second", "hang", "--relaunch-guard.second-start.deadline=1s");
        assertThat(exitCode(second)).isEqualTo(3);
        assertThat(said("second")).contains("its user interface is slow or hangs");

        sandbox.stop(running.toHandle());
        Process third = startWith("third", "--relaunch-guard.second-start.deadline=1s");
        assertThat(exitCode(third)).isEqualTo(3);
        assertThat(said("third")).contains("its process is slow or hangs");

        assertThat(running.isAlive()).isTrue();
        assertThat(sandbox.lockTarget()).isPresent();
    }

    /** Of twelve seconds of beans here are eight. Before CEF has its lock it is the launch lock that the second start meets. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("H21")
    @Tag("long")
    void oneThatIsStillStartingIsWaitedForAndThenHearsOfIt(boolean hasLock) throws Exception {
        running = startWith("running", "--slow.start=8s");
        await().atMost(60, SECONDS).until(() -> said("running").contains("starts"));
        if (hasLock) {
            lock();
        }

        Process second = startWith("second", "--open");

        assertThat(exitCode(second)).as(said("second")).isZero();
        assertThat(said("running")).contains("ready", "heard [", "--open]");
    }

    @Test
    @Tag("H35")
    @Tag("long")
    void oneThatIsClosingIsWaitedForAndThenTheStartGoesOn() throws Exception {
        running = startWith("running", "--slow.close=15s");
        await().atMost(60, SECONDS).until(() -> said("running").contains("ready"));
        lock();
        running.destroy();
        await().atMost(60, SECONDS).until(() -> said("running").contains("closes"));

        startWith("second");

        await().atMost(120, SECONDS).until(() -> said("second").contains("ready"));
        assertThat(said("second")).contains("has let go; the launch is run once more");
        assertThat(running.isAlive()).isFalse();
        assertThat(said("running")).doesNotContain("heard");
    }

    @Test
    @Tag("H38")
    @Tag("long")
    void oneThatCannotBeAskedIsNotSaidToHang() throws Exception {
        run();
        Path directory = sandbox.profile().resolve("RelaunchGuard.second-start");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));

        Process second = startWith("second");

        assertThat(exitCode(second)).isEqualTo(3);
        assertThat(said("second"))
                .contains("it could not be asked: " + directory + "'s permissions are not 0700")
                .doesNotContain("hangs");
    }

    @Tag("long")
    @Test
    @Tag("H21")
    void aStartOnAnotherDisplayIsToldWhereItRuns() throws Exception {
        running = startOn(":17", "running");
        await().atMost(60, SECONDS).until(() -> said("running").contains("ready"));
        lock();

        Process second = startOn(":18", "second");

        assertThat(exitCode(second)).isEqualTo(3);
        assertThat(said("second")).contains("it runs on display :17");
        assertThat(said("running")).doesNotContain("heard");
    }

    /** What CEF does in it. */
    private void lock() throws IOException {
        sandbox.writeLock(LaunchGuard.currentPlatform()
                        .open(sandbox.profile())
                        .host()
                        .read()
                        .host()
                        .toOptional()
                        .orElseThrow()
                + "-" + running.pid());
    }

    private void run() throws IOException {
        running = startWith("running");
        await().atMost(60, SECONDS).until(() -> said("running").contains("ready"));
        lock();
    }

    private Process startOn(String display, String name) throws IOException {
        return start(name, command(), Map.of("JDK_JAVA_OPTIONS", "-Djava.awt.headless=false", "DISPLAY", display));
    }

    private Process start(String name, List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(sandbox.root().resolve(name + ".out").toFile())
                .redirectError(sandbox.root().resolve(name + ".err").toFile());
        builder.environment().remove("WAYLAND_DISPLAY");
        builder.environment().putAll(environment);
        return sandbox.start(builder);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(FreshProject.java());
        command.add(RunningApplication.class.getName());
        command.add("--relaunch-guard.profile=" + sandbox.profile());
        command.add("--relaunch-guard.second-start.enabled=true");
        return command;
    }

    private Process startWith(String name, String... arguments) throws IOException {
        List<String> command = command();
        command.addAll(List.of(arguments));
        return sandbox.start(name, command);
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, SECONDS)).isTrue();
        return process.exitValue();
    }

    private String said(String name) throws IOException {
        return sandbox.output(name + ".out") + sandbox.output(name + ".err");
    }
}
