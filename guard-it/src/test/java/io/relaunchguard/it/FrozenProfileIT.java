package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.it.harness.LoopDevice;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import io.relaunchguard.statemachine.MarkerWriter;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file system that does not answer any more once it is decided that the launch is READY. */
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
                public void entered(LaunchState state) {
                    if (state == LaunchState.READY) {
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
            await().atMost(30, SECONDS).until(() -> ports.history().lines().size() == 1);
            assertThat(profile.resolve("RelaunchGuard.claim")).doesNotExist();
            assertThat(profile.resolve("RelaunchGuard.marker")).doesNotExist();
            assertThat(Files.readString(profile.resolve("RelaunchGuard.instance")))
                    .contains("\npid=" + ProcessHandle.current().pid() + "\n");
        }
    }
}
