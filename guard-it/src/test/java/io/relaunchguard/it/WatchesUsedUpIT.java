package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A launcher whose user has no inotify instance left. */
@Needs(Need.NAMESPACES)
class WatchesUsedUpIT {

    /** What a browser does at first, that then hangs. */
    private static final String WEDGED =
            "trap '' TERM; ln -s \"$(cat /proc/sys/kernel/hostname)-$$\" \"$0/SingletonLock\"; while :; do sleep 1; done";

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H44")
    @Tag("H39")
    @Tag("H07")
    void thePermitIsClosedOnceTheBrowserHasItsLockAndTheWedgedOneIsEnded() throws Exception {
        Process launcher = sandbox.start(
                "first",
                withoutInotify(Cli.command(
                        "launch",
                        "--json",
                        "--profile=" + sandbox.profile(),
                        "--",
                        "sh",
                        "-c",
                        WEDGED,
                        sandbox.profile().toString())));
        await().atMost(120, SECONDS).until(() -> sandbox.lockTarget().isPresent());
        sandbox.adoptTree(launcher.toHandle());
        String lock = sandbox.lockTarget().orElseThrow();
        long browser = Long.parseLong(lock.substring(lock.lastIndexOf('-') + 1));

        LaunchLock launchLock =
                LaunchGuard.currentPlatform().open(sandbox.profile()).launchLock();
        await().atMost(60, SECONDS).until(() -> launchLock.probe() instanceof Observation.Seen);

        cli.mark(browser);
        Cli.Run next = cli.launch();

        assertThat(next.exitCode()).as(next.out()).isZero();
        assertThat(next.signals()).contains("TERM " + browser, "KILL " + browser);
        assertThat(Sandbox.isAlive(browser)).isFalse();
    }

    private static List<String> withoutInotify(List<String> command) {
        List<String> all = new ArrayList<>(List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "sh",
                "-c",
                "echo 0 >/proc/sys/user/max_inotify_instances && exec \"$@\"",
                "sh"));
        all.addAll(command);
        return all;
    }
}
