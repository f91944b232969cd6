package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.it.harness.LoopDevice;
import io.relaunchguard.it.harness.OutgoingApplication;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import io.relaunchguard.statemachine.MarkerWriter;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file system that does not answer any more, before the launch or once it is decided that it is READY. */
@Needs(Need.LOOP_DEVICE)
class FrozenProfileIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("H43")
    void thePermitIsDeliveredThoughTheFileSystemFreezesOnceReadyIsDecided(boolean consented) throws Exception {
        try (LoopDevice disk = new LoopDevice(sandbox, 8)) {
            Path profile = Files.createDirectory(disk.directory().resolve("profile"));
            ProfilePorts ports = LaunchGuard.currentPlatform().open(profile);
            if (consented) {
                // Of a process that has ended since: there is a claim to be deleted.
                ProcessHandle ended = sandbox.startOrphan(true);
                new MarkerWriter(ports).write(ended.pid(), "1", "2", Duration.ofSeconds(10));
                ended.destroyForcibly();
                await().atMost(30, SECONDS).until(() -> !Sandbox.isAlive(ended.pid()));
            }
            LaunchGuard guard = LaunchGuard.on(ports).withListener(new LaunchListener() {
                @Override
                public void entered(LifecycleState state) {
                    if (state == LifecycleState.READY) {
                        disk.freeze();
                    }
                }
            });
            CompletableFuture<LaunchResult> launch = CompletableFuture.supplyAsync(guard::launch);

            LaunchResult result = launch.get(30, TimeUnit.SECONDS);

            assertThat(result.report().outcome()).isEqualTo(Outcome.READY);
            assertThat(result.report().faults()).singleElement().asString().contains("does not answer");
            LaunchPermit permit = result.permitOrThrow();
            assertThat(ports.launchLock().probe()).isInstanceOf(Observation.Absent.class);
            CompletableFuture.runAsync(permit::close).get(30, TimeUnit.SECONDS);

            disk.thaw();
            await().atMost(30, SECONDS).until(() -> ports.launchLock().probe() instanceof Observation.Seen);
            await().atMost(30, SECONDS)
                    .until(() -> new LaunchHistory(ports.history()).recent(2).size() == 1);
            assertThat(profile.resolve("RelaunchGuard.claim")).doesNotExist();
            assertThat(profile.resolve("RelaunchGuard.marker")).doesNotExist();
            assertThat(Files.readString(profile.resolve("RelaunchGuard.instance")))
                    .contains("\npid=" + ProcessHandle.current().pid() + "\n");
        }
    }

    @Test
    @Tag("H43")
    void aLaunchOnAFileSystemThatIsFrozenAlreadyIsHeld() throws Exception {
        try (LoopDevice disk = new LoopDevice(sandbox, 8)) {
            Path profile = Files.createDirectory(disk.directory().resolve("profile"));
            ProfilePorts ports = LaunchGuard.currentPlatform().open(profile);
            LaunchGuard.on(ports).launch().permitOrThrow().giveBack();
            disk.freeze();
            CompletableFuture<LaunchResult> launch =
                    CompletableFuture.supplyAsync(() -> LaunchGuard.on(ports).launch());

            LaunchResult result = launch.get(60, TimeUnit.SECONDS);

            assertThat(result.report().outcome()).isEqualTo(Outcome.HELD);
            assertThat(result.report().toString()).contains("its file system does not answer");

            disk.thaw();
            await().atMost(30, SECONDS).until(() -> ports.launchLock().probe() instanceof Observation.Seen);
            LaunchGuard.on(ports).launch().permitOrThrow().close();
        }
    }

    @Test
    @Tag("H50")
    void theWatchdogEndsAProcessWhoseThreadDumpCannotBeWrittenBecauseTheDiskIsFull() throws Exception {
        try (LoopDevice disk = new LoopDevice(sandbox, 8)) {
            Path profile = Files.createDirectory(disk.directory().resolve("profile"));
            Process old = hanging(profile, "PT15S");
            fill(disk.directory().resolve("filler"));

            assertThat(old.waitFor(60, SECONDS)).isTrue();

            assertThat(old.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
            assertThat(dumps(profile)).isEmpty();
        }
    }

    /** Its writer cannot be killed before the file system thaws; nothing else of it is left, as the rest of it tells nobody. */
    @Test
    @Tag("H50")
    void theWatchdogEndsAProcessWhoseThreadDumpCannotBeWrittenBecauseTheFileSystemIsFrozen() throws Exception {
        try (LoopDevice disk = new LoopDevice(sandbox, 8)) {
            Path profile = Files.createDirectory(disk.directory().resolve("profile"));
            Process old = hanging(profile, "PT5S");
            disk.freeze();

            // A dying process has no memory any more.
            await().atMost(30, SECONDS)
                    .until(() -> !Files.readString(Path.of("/proc/%d/status".formatted(old.pid())))
                            .contains("VmRSS"));
            disk.thaw();

            assertThat(old.waitFor(30, SECONDS)).isTrue();
            assertThat(old.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
        }
    }

    private Process hanging(Path profile, String deadline) throws IOException {
        Process old = sandbox.start("old", OutgoingApplication.command("hangs", profile, deadline));
        await().atMost(30, SECONDS).until(() -> sandbox.output("old.out").contains("ready"));
        return old;
    }

    /** In ever smaller pieces, and again once what the file system has put off is done. */
    private static void fill(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int piece : new int[] {1 << 16, 1 << 10, 1 << 10}) {
                fill(channel, ByteBuffer.allocate(piece));
                channel.force(true);
            }
        }
    }

    private static void fill(FileChannel channel, ByteBuffer piece) {
        assertThatThrownBy(() -> {
                    while (true) {
                        channel.write(piece.clear());
                    }
                })
                .hasMessageContaining("No space left");
    }

    private static List<Path> dumps(Path profile) throws IOException {
        try (Stream<Path> files = Files.list(profile)) {
            return files.filter(file -> file.getFileName().toString().startsWith("RelaunchGuard.threads"))
                    .toList();
        }
    }
}
