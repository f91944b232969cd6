package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the guard's own files cannot be made, are gone, or are something else: never a second permit. */
@Tag("H39")
@Tag("H45")
class NoRoomIT {

    private static final int HELD = 3;

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    /** What is full or cannot be written, and what makes room again; the mounts go with their namespace. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no inode is left | -o nr_inodes=3 | touch filler more; : | rm filler more",
                "no block is left | -o size=4k | touch RelaunchGuard.lock; chmod 600 RelaunchGuard.lock; printf %s $(seq 1 3000)"
                        + " 2>/dev/null >filler; : | rm filler"
            })
    @Needs(Need.NAMESPACES)
    void oneOfTwoLaunchesIsPermitted(String what, String options, String fill, String makeRoom) throws Exception {
        Process mount = sandbox.start(
                "mount",
                List.of(
                        "unshare",
                        "--mount",
                        "--propagation=private",
                        "sh",
                        "-c",
                        "mount -t tmpfs %s tmpfs '%s' && cd '%s' && chmod 700 . && { %s; } && echo mounted && cd / && exec sleep 600"
                                .formatted(options, sandbox.profile(), sandbox.profile(), fill)));
        await().atMost(30, SECONDS).until(() -> sandbox.output("mount.out").contains("mounted"));
        String started = sandbox.root().resolve("started").toString();
        Process first = sandbox.start(
                "first", in(mount, launch("--", "sh", "-c", "touch '%s'; exec sleep 600".formatted(started))));
        await().atMost(60, SECONDS).until(() -> Files.exists(Path.of(started)));
        List<ProcessHandle> all = sandbox.adoptTree(first.toHandle());

        Cli.Run second = cli.run(in(mount, launch()));
        assertThat(second.exitCode()).as(what + second.out()).isEqualTo(HELD);

        // There is room again, but the first is not written down.
        List<String> room = new ArrayList<>(nsenter(mount));
        room.addAll(List.of("sh", "-c", "cd '%s' && %s".formatted(sandbox.profile(), makeRoom)));
        assertThat(sandbox.start("room", room).waitFor())
                .as(sandbox.output("room.err"))
                .isZero();
        Cli.Run third = cli.run(in(mount, launch()));
        assertThat(third.exitCode()).as(what + third.out()).isEqualTo(HELD);

        all.forEach(ProcessHandle::destroyForcibly);
        first.destroyForcibly();
        await().atMost(30, SECONDS)
                .until(() ->
                        all.stream().noneMatch(one -> Sandbox.isAlive(one.pid())) && !Sandbox.isAlive(first.pid()));
        Cli.Run last = cli.run(in(mount, launch()));
        assertThat(last.exitCode()).as(what + last.out()).isZero();
    }

    /** As an application does that clears its profile. */
    @Test
    @Tag("H32")
    @Tag("H41")
    void anInstanceIsAHolderThoughEverythingInItsProfileIsDeleted() throws Exception {
        String started = sandbox.root().resolve("started").toString();
        Process first = cli.start("first", launch("--", "sh", "-c", "touch '%s'; exec sleep 600".formatted(started)));
        await().atMost(60, SECONDS).until(() -> Files.exists(Path.of(started)));
        sandbox.adoptTree(first.toHandle());
        await().atMost(60, SECONDS).until(() -> Files.exists(sandbox.profile().resolve("RelaunchGuard.instance")));
        for (String file : List.of("RelaunchGuard.instance", "RelaunchGuard.lock")) {
            Files.delete(sandbox.profile().resolve(file));
        }

        Cli.Run second = cli.run(launch());

        assertThat(second.exitCode()).as(second.out()).isEqualTo(HELD);
        assertThat(second.json().path("summary").asString())
                .contains("process " + first.pid() + " has the launch lock, whose file was deleted");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"mkdir | rm -r --", "mkfifo | rm --", "ln -s /nowhere | rm --", "ln -s ../elsewhere | rm --"})
    void whatStandsInThePlaceOfTheLaunchLockIsNamed(String make, String remove) throws Exception {
        Path file = sandbox.profile().resolve("RelaunchGuard.lock");
        Files.createFile(sandbox.root().resolve("elsewhere"));
        List<String> command = new ArrayList<>(List.of(make.split(" ")));
        command.add(file.toString());
        assertThat(sandbox.start("make", command).waitFor()).isZero();

        Cli.Run run = cli.run(launch());

        assertThat(run.exitCode()).as(run.out()).isEqualTo(HELD);
        assertThat(run.json().path("summary").asString())
                .contains("not a regular file", "%s '%s'".formatted(remove, file));
    }

    @Test
    @Tag("H43")
    void whatStandsInThePlaceOfTheHistoryIsNamedAndTheLaunchGoesOn() throws Exception {
        Path file = sandbox.profile().resolve("RelaunchGuard.history");
        assertThat(sandbox.start("make", List.of("mkfifo", file.toString())).waitFor())
                .isZero();

        Cli.Run run = cli.run(launch());

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.err())
                .contains("This launch is missing from the history", file + " is not a regular file; remove it")
                .doesNotContain("\tat ");
    }

    private List<String> in(Process mount, String... arguments) {
        List<String> command = new ArrayList<>(nsenter(mount));
        command.addAll(Cli.command(arguments));
        return command;
    }

    private static List<String> nsenter(Process mount) {
        return List.of("nsenter", "--mount", "--target", Long.toString(mount.pid()));
    }

    private String[] launch(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--cache-release=PT0.5S",
                "--launcher-wait=PT0.5S"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }
}
