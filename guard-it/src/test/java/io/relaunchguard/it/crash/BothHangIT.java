package io.relaunchguard.it.crash;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.it.harness.LauncherJvm;
import io.relaunchguard.it.harness.OutgoingApplication;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import io.relaunchguard.statemachine.RelaunchHandoff;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The old process hangs, and so does the launcher of the new one: only the old one's watchdog is left. */
@Tag("long")
class BothHangIT {

    @TempDir
    private Path directory;

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    @ParameterizedTest
    @ValueSource(strings = {"hangs", "hangs in a shutdown hook"})
    @Tag("H19")
    void theWatchdogAloneEndsTheOldProcessAndTheNextLaunchStartsWithoutAnySignal(String mode) throws Exception {
        Process old = outgoing(mode);
        Process hung = launcherThatHangsAt("START entry 1");

        assertThat(old.waitFor(90, SECONDS)).isTrue();

        // 128 and the signal's number, had it been one.
        assertThat(old.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
        assertThat(hung.isAlive()).isTrue();
        LaunchReport next = launch();
        assertThat(next.outcome()).as(next.summary()).isEqualTo(Outcome.READY);
        assertThat(next.signals()).isEmpty();
        assertThat(sandbox.lock()).doesNotExist();
    }

    @Test
    @Tag("H07")
    @Tag("H19")
    void aLauncherThatHangsWithTheLaunchLockKeepsTheNextOneOutUntilItIsGone() throws Exception {
        Process old = outgoing("hangs");
        Process hung = launcherThatHangsAt("HOLDER_READ entry 1");

        assertThat(old.waitFor(90, SECONDS)).isTrue();
        assertThat(old.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
        LaunchReport beside = launch();
        assertThat(beside.outcome()).isEqualTo(Outcome.HELD);
        assertThat(beside.summary()).contains("another launcher");
        hung.destroyForcibly().waitFor();

        LaunchReport next = launch();
        assertThat(next.outcome()).as(next.summary()).isEqualTo(Outcome.READY);
        assertThat(next.signals()).isEmpty();
    }

    private Process outgoing(String mode) throws IOException {
        Process old = sandbox.start("old", OutgoingApplication.command(mode, sandbox.profile(), "PT3S"));
        sandbox.writeLock(CrashScenario.hostName() + "-" + old.pid());
        await().atMost(60, SECONDS).until(() -> sandbox.output("old.out").contains("ready"));
        return old;
    }

    /** Returns when it hangs. */
    private Process launcherThatHangsAt(String point) throws IOException {
        LauncherJvm jvm = new LauncherJvm(CrashLauncher.class, directory);
        Process launcher =
                sandbox.start("launcher", jvm.command(sandbox.profile().toString(), "PT60S", "BEFORE", point));
        await().atMost(60, SECONDS).until(() -> sandbox.output("launcher.out").contains(CrashLauncher.STANDING));
        return launcher;
    }

    private LaunchReport launch() {
        LaunchPolicy usual = LaunchPolicy.DEFAULT;
        LaunchResult result = LaunchGuard.forProfile(sandbox.profile())
                .withPolicy(new LaunchPolicy(
                        usual.maxMarkerAge(),
                        Duration.ofMillis(200),
                        usual.teardownGrace(),
                        usual.teardownGraceLimit(),
                        usual.termGrace(),
                        usual.killConfirmation(),
                        usual.cacheRelease(),
                        usual.unconsentedWait()))
                .launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            try (LaunchPermit permit = permitted.permit()) {
                assertThat(permit.profile()).isEqualTo(sandbox.profile());
            }
        }
        return result.report();
    }
}
