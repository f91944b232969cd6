package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.relaunchguard.core.Observation;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A lock and its record on a file system that has another device number by now; the mounts go with their namespaces. */
@Needs({Need.NAMESPACES, Need.LOOP_DEVICE, Need.HOSTNAME})
class OtherFileSystemIT {

    private static final String OLD_NAME = "older-7.example";

    /** Makes other loop devices until the image does not get the one that it had. */
    private static final String MOUNT_WITH_ANOTHER_NUMBER = """
            n=0
            until mount -o loop disk.img profile && test "$(stat -c %d profile)" != "$0"; do
                umount profile
                n=$((n+1)); mkdir other$n; truncate -s 2M other$n.img; mkfs.ext4 -q other$n.img
                mount -o loop other$n.img other$n || exit 1
            done
            """;

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H48")
    @Tag("H09")
    void aLockOfAnEarlierBootIsStaleWhateverDeviceNumberTheProfileHasNow() throws Exception {
        assumeTrue(
                LaunchGuard.currentPlatform()
                                .open(sandbox.profile())
                                .host()
                                .read()
                                .machineId()
                        instanceof Observation.Seen,
                "the machine has an id");
        String device = leaveALockBehind();
        Path bootId = Files.writeString(sandbox.root().resolve("boot_id"), UUID.randomUUID() + "\n");

        Cli.Run run = launchWithAnotherDeviceNumber(
                device, "mount --bind %s /proc/sys/kernel/random/boot_id".formatted(bootId));

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.json().path("summary").asString()).contains("in an earlier boot of this machine");
    }

    /**
     * As systemd-nspawn(1) mounts one over the kernel's. Such a container has a machine id of its own, or the host's, and mostly a
     * pid namespace.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"--mount | mount --bind machine-id /etc/machine-id", "--mount --pid --fork --mount-proc | true"})
    @Tag("H41")
    @Tag("H10")
    void aLiveInstanceIsNotOfAnEarlierBootBecauseAContainerHasABootIdOfItsOwn(String namespaces, String before)
            throws Exception {
        assumeTrue(Files.exists(Path.of("/etc/machine-id")), "the machine has an id");
        Process first = cli.start("first", "launch", "--profile=" + sandbox.profile(), "--", "sleep", "600");
        Path record = sandbox.profile().resolve("RelaunchGuard.instance");
        await().atMost(60, SECONDS).until(() -> Files.exists(record));
        await().atMost(60, SECONDS).until(() -> first.children().findAny().isPresent());
        sandbox.adoptTree(first.toHandle());
        Files.writeString(sandbox.root().resolve("boot_id"), UUID.randomUUID() + "\n");
        Files.writeString(sandbox.root().resolve("machine-id"), "0123456789abcdef0123456789abcdef\n");
        // The kernel would not grant the launch lock beside the permit: it was dropped, as by an application that reads
        // its files.
        Files.move(
                sandbox.profile().resolve("RelaunchGuard.lock"), sandbox.root().resolve("lock"));
        List<String> command = new ArrayList<>(List.of("unshare"));
        command.addAll(List.of(namespaces.split(" ")));
        command.addAll(List.of(
                "sh",
                "-c",
                "cd %s && mount --bind boot_id /proc/sys/kernel/random/boot_id && %s && exec \"$@\""
                        .formatted(sandbox.root(), before),
                "-"));
        command.addAll(Cli.command("launch", "--json", "--profile=" + sandbox.profile(), "--cache-release=PT0.5S"));

        Cli.Run run = cli.run(command);

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(3);
        assertThat(run.json().path("summary").asString()).contains("was let through under another boot id");
    }

    /** Within one boot it may be a copy of the directory, in which somebody else's lock looks the same. */
    @Test
    @Tag("H48")
    @Tag("H05")
    void aLockOfThisBootIsNotStaleByTheRecordOfAnotherDirectory() throws Exception {
        String device = leaveALockBehind();

        Cli.Run run = launchWithAnotherDeviceNumber(device, "true");

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(3);
        assertThat(run.json().path("summary").asString()).contains("of another profile directory");
    }

    /** A browser under an older host name, so that its lock alone shows nothing, killed once it is recorded. */
    private String leaveALockBehind() throws IOException {
        List<String> command = inAMountNamespace(
                "-",
                "truncate -s 8M disk.img && mkfs.ext4 -q disk.img && mount -o loop disk.img profile && hostname "
                        + OLD_NAME);
        command.add(1, "--uts");
        command.addAll(Cli.command(
                "launch",
                "--profile=" + sandbox.profile(),
                "--",
                "sh",
                "-c",
                "ln -s %s-$$ %s; exec sleep 600".formatted(OLD_NAME, sandbox.lock())));
        Process launcher = sandbox.start("first", command);
        Path seenFromHere = Path.of("/proc/%d/root%s".formatted(launcher.pid(), sandbox.profile()));
        await().atMost(60, SECONDS).until(() -> recorded(seenFromHere.resolve("RelaunchGuard.instance")));
        String device = Files.getAttribute(seenFromHere, "unix:dev").toString();
        List<ProcessHandle> all = sandbox.adoptTree(launcher.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        launcher.destroyForcibly();
        await().atMost(30, SECONDS)
                .until(() ->
                        all.stream().noneMatch(one -> Sandbox.isAlive(one.pid())) && !Sandbox.isAlive(launcher.pid()));
        return device;
    }

    private static boolean recorded(Path record) {
        try {
            return Files.exists(record) && Files.readString(record).contains("\nlocked-since=2");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Cli.Run launchWithAnotherDeviceNumber(String device, String before) throws Exception {
        List<String> command = inAMountNamespace(device, MOUNT_WITH_ANOTHER_NUMBER + before);
        command.addAll(Cli.command("launch", "--json", "--profile=" + sandbox.profile(), "--cache-release=PT0.5S"));
        return cli.run(command);
    }

    private List<String> inAMountNamespace(String argument, String script) {
        return new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "cd " + sandbox.root() + " && { " + script + "\n} >&2 && exec \"$@\"",
                argument));
    }
}
