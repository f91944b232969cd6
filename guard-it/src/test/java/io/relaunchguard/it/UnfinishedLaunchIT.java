package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.history.LaunchHistory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Launches that are killed in the middle, in real processes: each is counted once, and none while its process lives. */
@Tag("H28")
@Tag("long")
class UnfinishedLaunchIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    void launchesThatWereKilledAreCountedOnceByTheNextOneThatIsReady() throws Exception {
        ProcessHandle holder = sandbox.startOrphan(true);
        String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        sandbox.writeLock(host + "-" + holder.pid());
        killInTheMiddle("first", holder);
        Process second = inTheMiddle("second", holder);
        ProfilePorts ports = LaunchGuard.currentPlatform().open(sandbox.profile());

        List<HistoryRecord> taken = new LaunchHistory(ports.history()).takeUnfinished(ports.host(), ports.processes());
        assertThat(taken).as("the first; the second runs").hasSize(1);
        kill(second);
        killInTheMiddle("third", holder);

        holder.destroyForcibly();
        await().atMost(60, SECONDS).until(() -> !holder.isAlive());
        Files.delete(sandbox.profile().resolve("SingletonLock"));
        Files.deleteIfExists(sandbox.profile().resolve("RelaunchGuard.marker"));
        FreshProject project = new FreshProject(sandbox);
        FreshProject.Run counting = project.start(FreshProject.java());
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(
                                counting.get("/actuator/prometheus").body())
                        .containsPattern("relaunch_guard_launch_seconds_count\\{.*outcome=\"unfinished\".*} 2\\b"));
        kill(counting.process());

        FreshProject.Run next = project.start(FreshProject.java());
        assertThat(next.get("/actuator/prometheus").body())
                .as("none is counted twice, though the one that counted them was killed")
                .containsPattern("relaunch_guard_launch_seconds_count\\{.*outcome=\"ready\".*} 1")
                .doesNotContain("unfinished");
    }

    private void killInTheMiddle(String name, ProcessHandle holder) throws Exception {
        kill(inTheMiddle(name, holder));
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(60, SECONDS)).isTrue();
    }

    /** A launch that waits for the holder, which has consented, to end by itself. */
    private Process inTheMiddle(String name, ProcessHandle holder) throws Exception {
        cli.mark(holder.pid());
        Process launch = cli.start(
                name,
                "launch",
                "--progress",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT10M",
                "--teardown-grace-limit=PT10M");
        await().atMost(60, SECONDS)
                .until(() -> sandbox.output(name + ".err").contains("TEARDOWN_GRACE") || !launch.isAlive());
        assertThat(launch.isAlive()).as(sandbox.output(name + ".err")).isTrue();
        return launch;
    }
}
