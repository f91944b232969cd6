package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.cli.ExitCodes;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Launchers whose {@code /proc} has files mounted into it that an emulator makes up; the holder would be ended otherwise. */
@Needs(Need.NAMESPACES)
@Tag("long")
@Tag("H69")
class EmulatedProcIT {

    /** As gVisor's sources write them, without the lines of users and namespaces: its own and the holder's. */
    private static final String GVISOR = """
            for pid in $$ $HOLDER; do
              grep -vE '^(Uid|Gid|NS[a-z]+):' /proc/$pid/status >"$MADE.$pid"
              mount --bind "$MADE.$pid" /proc/$pid/status
            done
            """;

    /** As QEMU's user emulation has a process read of itself, with the state of one version or another. */
    private static final String QEMU = """
            echo "$$ (java) %s $PPID $(printf ' 0%%.0s' $(seq 17) | cut -c2-) 8812345 0 0 0 0 0 275415330816 0" >"$MADE"
            mount --bind "$MADE" /proc/$$/stat
            """;

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @ParameterizedTest
    @ValueSource(strings = {"0", "R"})
    void isReadyOnAFreeProfileAndWritesNoRecordOfItselfWhereItsOwnLineIsMadeUp(String state) throws Exception {
        Cli.Run run = launch(QEMU.formatted(state), 1);

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.json().path("faults")).isEmpty();
        assertThat(sandbox.profile().resolve("RelaunchGuard.instance")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "R"})
    void aHolderIsHeldWhereTheOwnLineIsMadeUp(String state) throws Exception {
        assertHeld(
                QEMU.formatted(state),
                "not-self",
                "/stat is not of the known form: its state is \"%s\" and it has 29 fields, and no memory, as QEMU's user emulation writes it."
                        .formatted(state));
    }

    @Test
    void aHolderIsHeldWhereProcNamesNoUser() throws Exception {
        assertHeld(GVISOR, "same-user", "/status is not of the known form: it has no line \"Uid:\" with numbers.");
    }

    private void assertHeld(String madeUp, String reason, String summary) throws IOException, InterruptedException {
        ProcessHandle holder = sandbox.startOrphan(false);
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).trim() + "-" + holder.pid());
        cli.mark(holder.pid());

        Cli.Run run = launch(madeUp, holder.pid());

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCodes.HELD);
        assertThat(run.reason()).isEqualTo(reason);
        assertThat(run.json().path("summary").asString()).endsWith(summary);
        assertThat(run.json().path("faults")).isEmpty();
        assertThat(run.signals()).isEmpty();
        assertThat(Sandbox.isAlive(holder.pid())).isTrue();
        assertThat(sandbox.lockTarget()).isPresent();

        // The consent is not used up.
        assertThat(cli.launch("--term-grace=PT0.2S").signals())
                .containsExactly("TERM " + holder.pid(), "KILL " + holder.pid());
    }

    private Cli.Run launch(String madeUp, long holder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "env",
                "HOLDER=" + holder,
                "MADE=" + sandbox.root().resolve("made"),
                "sh",
                "-e",
                "-c",
                madeUp + "exec \"$@\"",
                "sh"));
        command.addAll(Cli.command(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT0.4S",
                "--teardown-grace-limit=PT1.2S",
                "--term-grace=PT0.2S",
                "--cache-release=PT0.7S"));
        return cli.run(command);
    }
}
