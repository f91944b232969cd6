package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.secondstart.RunningApplication;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application that runs, and real second starts of it. */
@Tag("H29")
class SecondStartIT {

    private Sandbox sandbox;
    private Process running;

    @BeforeEach
    void start() throws IOException {
        sandbox = new Sandbox();
        running = start("running");
        await().atMost(60, SECONDS).until(() -> said("running").contains("ready"));
        // What CEF does in it.
        sandbox.writeLock(LaunchGuard.currentPlatform()
                        .open(sandbox.profile())
                        .host()
                        .read()
                        .host()
                        .toOptional()
                        .orElseThrow()
                + "-" + running.pid());
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @Test
    void aSecondStartIsHeardAndEndsWell() throws Exception {
        Process second = start("second", "--open", "a file");

        assertThat(exitCode(second)).as(said("second")).isZero();
        assertThat(said("running")).contains("--open, a file] in " + Path.of("").toAbsolutePath());
        assertThat(said("second")).doesNotContain("Exception", "FAILED");
        assertThat(running.isAlive()).isTrue();
    }

    @Test
    @Tag("H03")
    void oneThatHangsInItsUserInterfaceIsToldFromOneThatIsStoppedAndBothAreSpared() throws Exception {
        Process second = start("second", "hang", "--relaunch-guard.second-start.deadline=1s");
        assertThat(exitCode(second)).isEqualTo(3);
        assertThat(said("second")).contains("its user interface is slow or hangs");

        sandbox.stop(running.toHandle());
        Process third = start("third", "--relaunch-guard.second-start.deadline=1s");
        assertThat(exitCode(third)).isEqualTo(3);
        assertThat(said("third")).contains("its process is slow or hangs");

        assertThat(running.isAlive()).isTrue();
        assertThat(sandbox.lockTarget()).isPresent();
    }

    private Process start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(FreshProject.java());
        command.add(RunningApplication.class.getName());
        command.add("--relaunch-guard.profile=" + sandbox.profile());
        command.add("--relaunch-guard.second-start.enabled=true");
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
