package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A takeover on demand. */
class RehearseIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    void letsAnApplicationTakeTheProfileOverByForceAndLeavesNothing() throws Exception {
        Cli.Run run = rehearse(Cli.command(
                "launch",
                "--json",
                "--profile={profile}",
                "--teardown-grace=500ms",
                "--teardown-grace-limit=1s",
                "--term-grace=500ms"));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.outcome()).isEqualTo("ready");
        assertThat(run.states())
                .containsExactly(
                        "START",
                        "MARKER_CHECK",
                        "HOLDER_READ",
                        "DECIDE",
                        "TEARDOWN_GRACE",
                        "TERM",
                        "REVALIDATE",
                        "KILL",
                        "PREFLIGHT",
                        "READY");
        assertThat(profiles()).isEmpty();
    }

    @Test
    void passesTheExitCodeOn() throws Exception {
        assertThat(rehearse(List.of("/bin/sh", "-c", "exit 42", "{profile}")).exitCode())
                .isEqualTo(42);
        assertThat(profiles()).isEmpty();
    }

    @Test
    @Tag("H66")
    void saysIfNothingWasTakenOver() throws Exception {
        Cli.Run run = rehearse(List.of("/bin/sh", "-c", "ls -A \"$0\"", "{profile}"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("SingletonLock", "RelaunchGuard.marker");
        assertThat(run.err()).contains("it took nothing over");
        assertThat(profiles()).isEmpty();
    }

    @Test
    @Tag("H66")
    void saysWhatIsWrongWithTheCommand() throws Exception {
        assertThat(rehearse(List.of("/bin/true")).err()).contains("CMD must say {profile}");
        Cli.Run none = rehearse(List.of("/no/such/program", "{profile}"));
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("\"/no/such/program\" cannot be started: there is no such file.");
        assertThat(profiles()).isEmpty();
    }

    @Test
    void endsEverythingWhenItIsAskedToEnd() throws Exception {
        Process rehearsal =
                cli.start("rehearsal", "rehearse", "--", "/bin/sh", "-c", "echo up; exec sleep 600", "{profile}");
        await().atMost(60, SECONDS).until(() -> sandbox.output("rehearsal.out").contains("up"));
        List<ProcessHandle> started = sandbox.adoptTree(rehearsal.toHandle());

        rehearsal.destroy();

        assertThat(rehearsal.waitFor(30, SECONDS)).isTrue();
        assertThat(started).hasSize(2);
        await().atMost(30, SECONDS).until(() -> started.stream().noneMatch(process -> Sandbox.isAlive(process.pid())));
        assertThat(profiles()).isEmpty();
    }

    private Cli.Run rehearse(List<String> command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("rehearse", "--"));
        arguments.addAll(command);
        return cli.run(arguments.toArray(String[]::new));
    }

    /** The profiles of rehearsals that are still there. */
    private List<Path> profiles() throws IOException {
        try (Stream<Path> files = Files.list(sandbox.temporary())) {
            return files.filter(file -> file.getFileName().toString().startsWith("rg-drill"))
                    .toList();
        }
    }
}
