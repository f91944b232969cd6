package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

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

/** A launcher whose native library is unpacked where programs may not run. */
@Needs(Need.NAMESPACES)
class NoNativeLibraryIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H46")
    void theLockOfADeadProcessIsStaleWithoutIt() throws Exception {
        ProcessHandle dead = sandbox.startOrphan(true);
        dead.destroyForcibly();
        while (Sandbox.isAlive(dead.pid())) {
            Thread.onSpinWait();
        }
        lockOf(dead);

        Cli.Run run = launch();

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(sandbox.lockTarget()).isEmpty();
        assertThat(run.json().path("faults")).isEmpty();
    }

    @Test
    @Tag("H46")
    @Tag("H12")
    void aLiveHolderIsHeldWithTheOptionThatHelps() throws Exception {
        ProcessHandle live = sandbox.startOrphan(true);
        lockOf(live);
        cli.mark(live.pid());

        Cli.Run run = launch();

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("process-pinned");
        assertThat(run.json().path("summary").asString()).contains("-Djna.tmpdir=DIR");
        assertThat(sandbox.lockTarget()).isPresent();
        assertThat(Sandbox.isAlive(live.pid())).isTrue();

        // The consent is not used up.
        assertThat(cli.launch().signals()).containsExactly("TERM " + live.pid());
    }

    private void lockOf(ProcessHandle process) throws IOException {
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).trim() + "-" + process.pid());
    }

    private Cli.Run launch() throws IOException, InterruptedException {
        Path noexec = Files.createDirectories(sandbox.root().resolve("noexec"));
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec tmpfs \"$0\" && exec \"$@\"",
                noexec.toString()));
        List<String> java = new ArrayList<>(Cli.command(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT0.4S",
                "--cache-release=PT0.7S"));
        java.add(1, "-Djna.tmpdir=" + noexec);
        command.addAll(java);
        return cli.run(command);
    }
}
