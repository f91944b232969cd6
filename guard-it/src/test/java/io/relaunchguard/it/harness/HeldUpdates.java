package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Launches after an update that were HELD, because the instance in the way is not the one that consented to go. */
public final class HeldUpdates {

    private static final Duration BRIEFLY = Duration.ofMillis(50);

    private HeldUpdates() {}

    /** Leaves so many in the history of the sandbox's profile, the last by a process of its own, and nobody in the way. */
    public static void leave(int launches, Sandbox sandbox) throws IOException, InterruptedException {
        ProcessHandle holder = sandbox.startOrphan(true);
        ProcessHandle other = sandbox.startOrphan(true);
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip() + "-" + holder.pid());
        LaunchGuard guard = LaunchGuard.forProfile(sandbox.profile())
                .withPolicy(new LaunchPolicy(
                        Duration.ofMinutes(5), BRIEFLY, BRIEFLY, BRIEFLY, BRIEFLY, BRIEFLY, BRIEFLY, BRIEFLY));
        Cli updater = new Cli(sandbox);
        for (int launch = 1; launch < launches; launch++) {
            updater.mark(other.pid());
            assertThat(guard.launch().report().outcome()).isEqualTo(Outcome.HELD);
        }
        updater.mark(other.pid());
        Cli.Run last = updater.launch();
        assertThat(last.outcome()).as(last.err()).isEqualTo("held");

        holder.destroyForcibly();
        await().atMost(60, SECONDS).until(() -> !holder.isAlive());
        Files.delete(sandbox.profile().resolve("SingletonLock"));
    }
}
