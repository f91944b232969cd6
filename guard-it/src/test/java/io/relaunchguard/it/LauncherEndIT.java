package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Launchers that are many, or that come to an end before their time. */
class LauncherEndIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Tag("long")
    @Test
    @Tag("H01")
    @Tag("H07")
    @Needs(Need.CHROMIUM)
    void letsOneOfEightLaunchersStartTheBrowserOnAFreeProfile() throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--launcher-wait=PT40S",
                "--cache-release=PT0.2S",
                "--"));
        arguments.addAll(Chromium.command(sandbox.profile()));

        List<Process> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(cli.start("launcher-" + i, arguments.toArray(String[]::new)));
        }

        await().atMost(90, SECONDS)
                .until(() -> all.stream().filter(Process::isAlive).count() == 1);
        all.forEach(launcher -> sandbox.adoptTree(launcher.toHandle()));
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
        for (int i = 0; i < all.size(); i++) {
            Cli.Run run = new Cli.Run(0, sandbox.output("launcher-" + i + ".out"), "");
            assertThat(run.outcome()).isEqualTo(all.get(i).isAlive() ? "ready" : "held");
            assertThat(run.signals()).isEmpty();
        }
        assertThat(all)
                .filteredOn(launcher -> !launcher.isAlive())
                .extracting(Process::exitValue)
                .containsOnly(3);
    }

    @Test
    @Tag("H01")
    @Tag("H28")
    @Needs(Need.CHROMIUM)
    void isHeldByTheBrowserOfALauncherThatWasKilled() throws Exception {
        List<String> arguments = new ArrayList<>(List.of("launch", "--profile=" + sandbox.profile(), "--"));
        arguments.addAll(Chromium.command(sandbox.profile()));
        Process killed = cli.start("killed", arguments.toArray(String[]::new));
        await().atMost(60, SECONDS).until(() -> Chromium.answersDevTools(sandbox.profile()));
        sandbox.adoptTree(killed.toHandle());
        String lock = sandbox.lockTarget().orElseThrow();
        killed.destroyForcibly().waitFor();

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-present");
        assertThat(run.signals()).isEmpty();
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
        assertThat(sandbox.lockTarget()).hasValue(lock);
    }

    @Test
    @Tag("H28")
    void signalsNobodyOnceItIsAskedToEndInTheGraceAndTheNextOneGoesOn() throws Exception {
        Process wedged = sandbox.start("wedged", List.of("/bin/sleep", "600"));
        sandbox.stop(wedged.toHandle());
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        cli.mark(wedged.pid());
        Process asked = startAndReadUpTo("TEARDOWN_GRACE", "--teardown-grace=PT3S");

        asked.destroy();

        assertThat(asked.waitFor(2, SECONDS))
                .as("it does not wait for the grace")
                .isTrue();
        assertThat(asked.exitValue()).isEqualTo(143);
        assertThat(Sandbox.state(wedged.pid())).hasValue("T");
        Cli.Run run = cli.launch();
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).containsExactly("TERM " + wedged.pid(), "CONT " + wedged.pid());
        assertThat(sandbox.snapshot().keySet())
                .containsExactlyInAnyOrder("", "RelaunchGuard.history", "RelaunchGuard.instance", "RelaunchGuard.lock");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DECIDE", "REVALIDATE", "KILL", "READY"})
    @Tag("H28")
    @Tag("long")
    void leavesNothingThatTheNextLauncherDoesNotCleanUpWhenItIsKilledAt(String state) throws Exception {
        Process wedged = sandbox.start("wedged", List.of("/bin/sh", "-c", "trap '' TERM; exec sleep 600"));
        await().until(() ->
                Files.readString(Path.of("/proc/" + wedged.pid() + "/comm")).startsWith("sleep"));
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        cli.mark(wedged.pid());
        Process killed = startAndReadUpTo(state, "--teardown-grace=PT0.3S", "--term-grace=PT0.3S");
        List<ProcessHandle> children = sandbox.adoptTree(killed.toHandle());

        killed.destroyForcibly().waitFor();

        Cli.Run run = cli.launch("--term-grace=PT0.3S");
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).allMatch(signal -> signal.endsWith(" " + wedged.pid()));
        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(children).isEmpty();
        assertThat(sandbox.snapshot().keySet())
                .containsExactlyInAnyOrder("", "RelaunchGuard.history", "RelaunchGuard.instance", "RelaunchGuard.lock");
        assertThat(temporaryFiles()).isEmpty();
    }

    /** Starts a launcher whose temporary files go into the sandbox, and returns as soon as it tells of this state. */
    private Process startAndReadUpTo(String state, String... more) throws IOException {
        List<String> command = new ArrayList<>(Cli.command("launch", "--progress", "--profile=" + sandbox.profile()));
        command.addAll(List.of(more));
        command.add(1, "-Djava.io.tmpdir=" + temporary());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(sandbox.root().resolve("interrupted.out").toFile());
        builder.environment().put("XDG_CACHE_HOME", temporary().toString());
        Process launcher = builder.start();
        sandbox.adopt(launcher.toHandle());
        BufferedReader progress = launcher.errorReader();
        String line = progress.readLine();
        while (line != null && !line.startsWith(state + ":")) {
            line = progress.readLine();
        }
        assertThat(line).as("the launcher gets to " + state).isNotNull();
        return launcher;
    }

    private Path temporary() {
        return sandbox.root().resolve("tmp");
    }

    private List<Path> temporaryFiles() throws IOException {
        try (var walk = Files.walk(temporary())) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}
