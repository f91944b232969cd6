package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.BrowserInTheLauncher;
import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A lock under another host name: healed where the instance record proves that its maker is gone, and only there. */
@Needs({Need.NAMESPACES, Need.HOSTNAME})
class InstanceRecordIT {

    private static final String OLD_NAME = "older-7.example";

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H09")
    @Needs(Need.CHROMIUM)
    void startsANewBrowserAfterTheOldOneWasKilledAndTheHostRenamed() throws Exception {
        Process launcher = launchChromiumUnderTheOldName(List.of("unshare", "--uts"));
        kill(launcher);
        Files.delete(sandbox.profile().resolve("DevToolsActivePort"));
        assertThat(sandbox.lockTarget().orElseThrow()).startsWith(OLD_NAME + "-");

        Process next = cli.start("next", launchChromium().toArray(String[]::new));

        await().atMost(60, SECONDS).until(() -> Chromium.answersDevTools(sandbox.profile()));
        sandbox.adoptTree(next.toHandle());
        assertThat(sandbox.lockTarget().orElseThrow()).startsWith(hostName() + "-");
        Cli.Run run = new Cli.Run(0, sandbox.output("next.out"), "");
        assertThat(run.outcome()).isEqualTo("ready");
        assertThat(run.signals()).isEmpty();
        assertThat(run.json().path("summary").asString()).contains("under the name \"" + OLD_NAME + "\"");
    }

    @Test
    @Tag("H09")
    @Needs(Need.CHROMIUM)
    void isHeldByABrowserThatLivesOnUnderTheOldName() throws Exception {
        launchChromiumUnderTheOldName(List.of("unshare", "--uts"));
        String lock = sandbox.lockTarget().orElseThrow();

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.signals()).isEmpty();
        assertThat(run.json().path("summary").asString()).contains("holds the profile");
        assertThat(sandbox.lockTarget()).hasValue(lock);
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
    }

    @Test
    @Tag("H11")
    @Needs(Need.CHROMIUM)
    void isHeldByABrowserOfAContainerAndSaysSoEvenAfterItsEnd() throws Exception {
        Process container = launchChromiumUnderTheOldName(container());
        String lock = sandbox.lockTarget().orElseThrow();
        assertThat(cli.launch().exitCode()).isEqualTo(3);
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
        kill(container);

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.json().path("summary").asString()).contains("such as a container's");
        assertThat(sandbox.lockTarget()).hasValue(lock);
    }

    @Test
    @Tag("H11")
    void takesTheProfileOfARestartedContainerWhoseBrowserWasItsLauncher() throws Exception {
        Process container = sandbox.start(
                "container", underTheOldName(container(), BrowserInTheLauncher.command(sandbox.profile(), OLD_NAME)));
        await().atMost(60, SECONDS).until(() -> sandbox.output("container.out").contains("ready"));
        sandbox.adoptTree(container.toHandle());
        Cli.Run alive = launchInANewContainer();
        assertThat(alive.exitCode()).isEqualTo(3);
        assertThat(alive.json().path("summary").asString()).contains("is alive in another PID namespace");
        kill(container);
        assertThat(sandbox.lockTarget().orElseThrow()).startsWith(OLD_NAME + "-");

        Cli.Run run = launchInANewContainer();

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.json().path("summary").asString()).contains("no longer keeps its lock");
        assertThat(sandbox.lockTarget()).isEmpty();
    }

    private Cli.Run launchInANewContainer() throws Exception {
        List<String> command = new ArrayList<>(container());
        command.addAll(List.of("sh", "-c", "hostname newer-7.example; \"$@\"; exit $?", "sh"));
        List<String> java = Cli.command("launch", "--json", "--profile=" + sandbox.profile(), "--cache-release=PT0.5S");
        // Its pid is another JVM's in another container, and so would be its file; the JVM would say so on standard
        // output.
        java.add(1, "-XX:-UsePerfData");
        command.addAll(java);
        return cli.run(command);
    }

    private Process launchChromiumUnderTheOldName(List<String> isolation) throws IOException {
        Process launcher = sandbox.start(
                "old", underTheOldName(isolation, Cli.command(launchChromium().toArray(String[]::new))));
        await().atMost(60, SECONDS).until(() -> Chromium.answersDevTools(sandbox.profile()));
        await().atMost(30, SECONDS).until(() -> Files.exists(sandbox.profile().resolve("RelaunchGuard.instance")));
        sandbox.adoptTree(launcher.toHandle());
        return launcher;
    }

    private List<String> launchChromium() {
        List<String> arguments = new ArrayList<>(List.of("launch", "--json", "--profile=" + sandbox.profile(), "--"));
        arguments.addAll(Chromium.command(sandbox.profile()));
        return arguments;
    }

    /** A host name, and where it is asked for a pid namespace, of its own; the command is not that namespace's init. */
    private static List<String> underTheOldName(List<String> isolation, List<String> command) {
        List<String> all = new ArrayList<>(isolation);
        all.addAll(List.of("sh", "-c", "hostname " + OLD_NAME + "; \"$@\"; exit $?", "sh"));
        all.addAll(command);
        return all;
    }

    private static List<String> container() {
        return List.of("unshare", "--pid", "--fork", "--mount-proc", "--uts");
    }

    private static void kill(Process process) {
        List<ProcessHandle> all = process.descendants().toList();
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        await().atMost(30, SECONDS).until(() -> all.stream().noneMatch(one -> Sandbox.isAlive(one.pid())));
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}
