package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.OutgoingApplication;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every way in which a successor does not come up: the outgoing application goes on, knows why, and is safe from launchers. */
@Tag("H34")
class BrokenSuccessorIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    void oneThatIsMissing() throws Exception {
        Process old = handsOver("2m", "/no/such/program");

        assertGoesOn(old, "NotStarted: The new version could not be started: \"/no/such/program\" cannot be started");
    }

    @Test
    void oneThatIsNotExecutable() throws Exception {
        Path program = Files.writeString(sandbox.root().resolve("program"), "#!/bin/sh\nexit 0\n");

        Process old = handsOver("2m", program.toString());

        assertGoesOn(old, "NotStarted: ", "Permission denied");
    }

    @Test
    @Tag("long")
    void oneWithoutItsClass() throws Exception {
        List<String> command = new ArrayList<>(OutgoingApplication.command("succeeds", sandbox.profile()));
        command.replaceAll(word -> word.equals(OutgoingApplication.class.getName()) ? "com.example.Missing" : word);

        Process old = handsOver("2m", command.toArray(String[]::new));

        assertGoesOn(old, "Ended: ", "exit code 1", "com.example.Missing");
    }

    @Test
    @Tag("long")
    void oneThatIsKilledBeforeItClaims() throws Exception {
        Process old = handsOver("2m", "/bin/sh", "-c", "echo about to die >&2; kill -9 $$");

        assertGoesOn(old, "Ended: ", "exit code 137", "about to die");
    }

    @Test
    @Tag("long")
    void oneThatHangs() throws Exception {
        Process old = handsOver("2s", "/bin/sh", "-c", "echo waiting >&2; exec sleep 600");

        assertGoesOn(old, "NotClaimed: ", "not seen within PT2S", "waiting");
        sandbox.adoptTree(old.toHandle());
    }

    @Test
    @Tag("long")
    void oneThatComesUpAfterTheDeadlineIsHeld() throws Exception {
        Path go = sandbox.root().resolve("go");
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", "until [ -e \"$0\" ]; do sleep 0.1; done; exec \"$@\"", go.toString()));
        command.addAll(OutgoingApplication.command("succeeds", sandbox.profile()));

        Process old = handsOver("2s", command.toArray(String[]::new));

        assertThat(sandbox.output("old.out")).contains("NotClaimed: ");
        List<ProcessHandle> late = sandbox.adoptTree(old.toHandle());
        Files.createFile(go);
        await().atMost(60, SECONDS).until(() -> late.stream().noneMatch(process -> Sandbox.isAlive(process.pid())));
        assertThat(sandbox.output("old.out")).doesNotContain("READY [");
        assertThat(sandbox.output("old.out")).contains("The launch was held", "there is no consent marker");
        assertGoesOn(old, "NotClaimed: ");
    }

    @Test
    void oneThatClaimsEndsTheOldOneInGoodOrder() throws Exception {
        Process old = handsOver(
                "4m", OutgoingApplication.command("succeeds", sandbox.profile()).toArray(String[]::new));
        sandbox.adoptTree(old.toHandle());
        assertThat(sandbox.output("old.out")).contains("event Claimed", "Claimed: ");

        assertThat(old.waitFor(60, SECONDS)).isTrue();

        // By itself, or asked: not by its watchdog, nor by force.
        assertThat(old.exitValue()).isIn(0, 143);
        await().atMost(60, SECONDS).until(() -> sandbox.output("old.out").contains("\nREADY ["));
    }

    /** Whether the old one has seen the claim by then, is chance; either way the consent is taken back. */
    @Test
    @Tag("long")
    void oneThatIsKilledRightAfterItsClaim() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "\"$@\" & until [ -e \"$0\" ]; do sleep 0.01; done; kill -9 $!; wait $!",
                sandbox.profile().resolve("RelaunchGuard.claim").toString()));
        command.addAll(OutgoingApplication.command("succeeds", sandbox.profile()));

        Process old = handsOver("hands over and asks before it closes", "4m", command);

        await().atMost(60, SECONDS).until(() -> sandbox.output("old.out").contains("event Ended"));
        assertGoesOn(old, "event Ended");
    }

    private Process handsOver(String deadline, String... successor) throws IOException {
        return handsOver("hands over safely", deadline, List.of(successor));
    }

    private Process handsOver(String mode, String deadline, List<String> successor) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(deadline));
        arguments.addAll(successor);
        Process old = sandbox.start(
                "old", OutgoingApplication.command(mode, sandbox.profile(), arguments.toArray(String[]::new)));
        await().atMost(250, SECONDS).until(() -> {
            if (old.isAlive()) {
                sandbox.adoptTree(old.toHandle());
            }
            return sandbox.output("old.out").contains("\nready");
        });
        return old;
    }

    /** It lives, knows why, and the next launcher finds no consent. */
    private void assertGoesOn(Process old, String... told) throws Exception {
        assertThat(sandbox.output("old.out")).contains(told).containsPattern("event (NotStarted|Ended|NotClaimed)\n");
        for (String name : List.of("marker", "claim", "asked")) {
            assertThat(sandbox.profile().resolve("RelaunchGuard." + name)).doesNotExist();
        }
        Cli.Run run = cli.launch();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.signals()).isEmpty();
        assertThat(old.isAlive()).isTrue();
    }
}
