package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.OutgoingApplication;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.RelaunchHandoff;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outgoing side of a relaunch, in JVMs of its own. */
class RelaunchHandoffIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @ParameterizedTest
    @ValueSource(strings = {"hangs", "hangs in a shutdown hook"})
    @Tag("H19")
    @Tag("long")
    void theWatchdogAloneResolvesAWedgeWithoutAnySignal(String mode) throws Exception {
        // Long enough for a launcher that starts slowly to find it alive.
        Process old = start(mode, "PT12S");
        sandbox.writeLock(hostName() + "-" + old.pid());

        Cli.Run run = cli.run(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT30S",
                "--teardown-grace-limit=PT30S");

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).isEmpty();
        assertThat(run.states()).contains("TEARDOWN_GRACE").doesNotContain("TERM");
        assertThat(old.waitFor(60, SECONDS)).isTrue();
        assertThat(old.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hangs", "hangs in a shutdown hook"})
    @Tag("H50")
    @Tag("long")
    void theNextLaunchNamesWhatAnInstanceWasDoingThatItsWatchdogHasEnded(String mode) throws Exception {
        Process old = startUntilItsThreadDumpIsWrittenInTime(mode);
        sandbox.writeLock(hostName() + "-" + old.pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).as(run.out()).isZero();
        Path dump = Path.of(run.json().path("threadDump").asString());
        assertThat(dump).hasParent(sandbox.profile().toAbsolutePath());
        assertThat(Files.readString(dump))
                .startsWith("Process %d had not ended by the deadline of its consent".formatted(old.pid()))
                .contains("OutgoingApplication." + (mode.equals("hangs") ? "main(" : "hang("));
        assertThat(run.json().path("summary").asString()).contains(dump.toString());
    }

    /** The end waits for the dump no longer than 200 ms, which a busy machine may need for less. */
    private Process startUntilItsThreadDumpIsWrittenInTime(String mode) throws Exception {
        for (int attempt = 1; attempt <= 5; attempt++) {
            Process old = sandbox.start("old", OutgoingApplication.command(mode, sandbox.profile(), "PT5S"));
            assertThat(old.waitFor(60, SECONDS)).isTrue();
            assertThat(old.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
            if (sandbox.snapshot().keySet().stream().anyMatch(name -> name.startsWith("RelaunchGuard.threads."))) {
                return old;
            }
        }
        throw new AssertionError("no thread dump in five attempts");
    }

    @Test
    @Tag("H05")
    @Tag("long")
    void aWithdrawnConsentSparesAndDisarmsTheWatchdog() throws Exception {
        Process healthy = start("withdraws", "PT10S");
        sandbox.writeLock(hostName() + "-" + healthy.pid());

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-present");
        assertThat(healthy.waitFor(12, SECONDS)).as("ended by its watchdog").isFalse();
    }

    @Test
    @Tag("H36")
    void aConsentThatCannotBeWithdrawnIsAnErrorUntilItCan() throws Exception {
        List<String> command =
                OutgoingApplication.command("withdraws without a free descriptor", sandbox.profile(), "PT30S");
        Process healthy = sandbox.start(
                "old",
                Stream.concat(Stream.of("/bin/sh", "-c", "ulimit -n 256; exec \"$@\"", "sh"), command.stream())
                        .toList());
        await().atMost(60, SECONDS).until(() -> sandbox.output("old.out").contains("ready"));
        sandbox.writeLock(hostName() + "-" + healthy.pid());

        Cli.Run run = cli.launch();

        assertThat(sandbox.output("old.out").lines().filter(line -> line.startsWith("not withdrawn")))
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line).contains("may still stand", "RelaunchGuard.marker", "Too many open files"));
        assertThat(sandbox.output("old.out")).doesNotContain("\nwithdrawn");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-present");
        assertThat(healthy.isAlive()).isTrue();
    }

    @Test
    @Tag("H06")
    void theSuccessorHasASessionOfItsOwnAndNoneOfTheOldFiles() throws Exception {
        Path seen = sandbox.root().resolve("seen");
        Process old = start(
                "starts its successor",
                "PT30S",
                "/bin/sh",
                "-c",
                "cut -d' ' -f6 /proc/$$/stat >$0; pwd >>$0; ls /proc/$$/fd | tr '\\n' ' ' >>$0; echo >>$0;"
                        + " echo $TMPDIR >>$0; exec sleep 600",
                seen.toString());
        long successor =
                Long.parseLong(sandbox.output("old.out").lines().findFirst().orElseThrow());
        sandbox.adopt(ProcessHandle.of(successor).orElseThrow());
        await().atMost(60, SECONDS)
                .until(() -> Files.exists(seen) && Files.readAllLines(seen).size() == 4);

        assertThat(Files.readAllLines(seen))
                .startsWith(Long.toString(successor), sandbox.profile().toString())
                .element(2)
                .asString()
                .startsWith("0 1 2 ")
                .hasSizeLessThanOrEqualTo("0 1 2 255 ".length());
        assertThat(Files.readAllLines(seen))
                .as("the environment is passed on")
                .element(3)
                .isEqualTo(sandbox.root().resolve("tmp").toString());
        old.destroyForcibly().waitFor();
        assertThat(Sandbox.isAlive(successor)).isTrue();
    }

    @Test
    @Tag("H34")
    void theSuccessorInheritsTheEnvironmentByTheSettingsOfTheApplication() throws Exception {
        Path seen = sandbox.root().resolve("seen");
        ProcessBuilder builder = new ProcessBuilder(OutgoingApplication.command(
                        "hands over safely",
                        sandbox.profile(),
                        "2m",
                        "/bin/sh",
                        "-c",
                        "/usr/bin/env >$0",
                        seen.toString()))
                .redirectOutput(sandbox.root().resolve("old.out").toFile())
                .redirectError(sandbox.root().resolve("old.err").toFile());
        builder.environment()
                .putAll(Map.of(
                        "OF_THIS_START", "1",
                        "OF_EVERY_START", "2",
                        "_JPACKAGE_LAUNCHER", "3",
                        "RELAUNCHGUARD_SUCCESSORENVIRONMENT_DROP", "OF_THIS_START,OTHER"));

        sandbox.start(builder);

        await().atMost(90, SECONDS).until(() -> sandbox.output("old.out").contains("ready"));
        assertThat(Files.readAllLines(seen))
                .contains("OF_EVERY_START=2")
                .noneMatch(line -> line.startsWith("OF_THIS_START="))
                .noneMatch(line -> line.startsWith("_JPACKAGE_LAUNCHER="));
    }

    @Tag("long")
    @Test
    @Tag("H06")
    @Tag("H18")
    void anApplicationThatHandsOverByItsBeanIsEndedByItsSuccessorWhichIsItsChildAndStarts() throws Exception {
        String[] next =
                OutgoingApplication.command("succeeds", sandbox.profile()).toArray(String[]::new);
        Process old =
                sandbox.start("old", OutgoingApplication.command("hands over by its bean", sandbox.profile(), next));
        await().atMost(120, SECONDS).until(() -> sandbox.output("old.out").contains("successor "));
        long successor = Long.parseLong(sandbox.output("old.out").replaceFirst("(?s).*successor (\\d+)\n.*", "$1"));
        sandbox.adopt(ProcessHandle.of(successor).orElseThrow());

        assertThat(old.waitFor(60, SECONDS))
                .as(sandbox.output("old.out") + sandbox.output("old.err"))
                .isTrue();

        // 128 and the number of SIGTERM: neither the watchdog nor force was needed.
        assertThat(old.exitValue()).isEqualTo(143);
        await().atMost(60, SECONDS).until(() -> sandbox.output("old.out").contains("\nREADY "));
        assertThat(sandbox.output("old.out")).containsPattern("READY \\[[^\\]]*TERM[^\\]]*pid=" + old.pid() + "\\b");
        assertThat(Sandbox.isAlive(successor)).isTrue();
        assertThat(sandbox.lockTarget()).hasValue(hostName() + "-" + successor);
        assertThat(sandbox.profile().resolve("RelaunchGuard.asked")).doesNotExist();
    }

    @Test
    void aSuccessorThatCannotBeStartedIsAnErrorAndWithdrawsTheConsent() throws Exception {
        Process old = sandbox.start(
                "old",
                OutgoingApplication.command("starts its successor", sandbox.profile(), "PT30S", "/no/such/program"));

        assertThat(old.waitFor(30, SECONDS)).isTrue();
        assertThat(sandbox.output("old.err")).contains("\"/no/such/program\" cannot be started: No such file");
        assertThat(sandbox.profile().resolve("RelaunchGuard.marker")).doesNotExist();
    }

    @Test
    void sigtermRunsTheShutdownHooksAgainAfterSomebodyTookItsHandler() throws Exception {
        Process application = start("closes gracefully");

        application.destroy();

        assertThat(application.waitFor(30, SECONDS)).isTrue();
        assertThat(application.exitValue()).isZero();
        assertThat(sandbox.output("old.out")).contains("closed");
    }

    private Process start(String mode, String... more) throws IOException {
        Process process = sandbox.start("old", OutgoingApplication.command(mode, sandbox.profile(), more));
        await().atMost(30, SECONDS).until(() -> sandbox.output("old.out").contains("ready"));
        return process;
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}
