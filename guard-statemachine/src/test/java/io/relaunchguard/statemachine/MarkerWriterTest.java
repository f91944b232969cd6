package io.relaunchguard.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A marker is written for exactly one process of this user, or not at all. */
class MarkerWriterTest {

    private final World world = new World();
    private WorldProcess old;

    @BeforeEach
    void anOldInstance() {
        old = world.process(200);
        world.lockNames(old);
    }

    @Test
    void whatItWritesIsTheConsentThatALaunchNeeds() throws Exception {
        ConsentMarker marker = write(200);
        assertThat(world.marker).isEqualTo(new MarkerReading.Valid(marker));
        assertThat(marker.pid()).isEqualTo(200);
        assertThat(marker.start()).isEqualTo(old.start);
        assertThat(marker.fromVersion()).isEqualTo("1");
        assertThat(marker.toVersion()).isEqualTo("2");
        assertThat(marker.deadline()).isEqualTo(marker.written().plusSeconds(10));
        assertThat(world.open).isEmpty();
        old.ignoresTerm = true;
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        assertThat(result.report().outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).hasSize(2);
    }

    @Test
    void twoMarkersOfOneProcessDiffer() throws Exception {
        assertThat(write(200).nonce()).isNotEqualTo(write(200).nonce());
    }

    @Test
    @Tag("H10")
    void aMachineWithoutAnIdIsMarkedAsSuch() throws Exception {
        world.machineId = Observation.absent("no machine id");
        assertThat(write(200).machineId()).isEmpty();
        assertThat(LaunchGuard.on(world.ports()).launch().report().outcome()).isEqualTo(Outcome.READY);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, 1L << 32, Long.MAX_VALUE})
    @Tag("H06")
    void aPidThatNoApplicationCanHaveIsRefused(long pid) {
        assertRefused(pid, "is not the PID of an application");
    }

    /** What stands against a marker. */
    private enum Obstacle {
        NO_PROCESS("no process", (world, old) -> world.exit(old)),
        ZOMBIE("exited", (world, old) -> {
            old.staysZombie = true;
            world.exit(old);
        }),
        NOT_PINNABLE("cannot be pinned", (world, old) -> old.pinnable = false),
        OTHER_USER("not this user's", (world, old) -> old.user = Observation.seen("0")),
        USER_UNKNOWN("not this user's", (world, old) -> old.user = Observation.unknown("permission denied")),
        OTHER_NAMESPACE("PID namespace", (world, old) -> old.namespace = Observation.seen("pid:[7]")),
        NO_HOST_NAME("host's name", (world, old) -> world.host = Observation.unknown("no name")),
        NO_BOOT_ID("boot id", (world, old) -> world.bootId = Observation.unknown("no id")),
        NO_MACHINE_ID("machine id", (world, old) -> world.machineId = Observation.unknown("permission denied")),
        NO_USER("this user", (world, old) -> world.user = Observation.unknown("no user")),
        NO_NAMESPACE("namespace", (world, old) -> world.namespace = Observation.unknown("no /proc")),
        NO_PROFILE("profile directory", (world, old) -> world.profile = Observation.absent("no such directory")),
        NO_UPTIME("since boot", (world, old) -> world.uptimeKnown = false);

        private final String reason;

        // A lambda without state is immutable, though its type cannot say so.
        @SuppressWarnings("ImmutableEnumChecker")
        private final BiConsumer<World, WorldProcess> setting;

        Obstacle(String reason, BiConsumer<World, WorldProcess> setting) {
            this.reason = reason;
            this.setting = setting;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H05")
    void aProcessThatCannotBeIdentifiedBeyondDoubtIsNotMarked(Obstacle obstacle) {
        obstacle.setting.accept(world, old);
        assertRefused(Scenario.HOLDER, obstacle.reason);
    }

    private void assertRefused(long pid, String reason) {
        assertThatThrownBy(() -> write(pid))
                .isInstanceOf(ConsentRefusedException.class)
                .hasMessageContaining(reason);
        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
        assertThat(world.open).isEmpty();
    }

    private ConsentMarker write(long pid) throws Exception {
        return new MarkerWriter(world.ports()).write(pid, "1", "2", Duration.ofSeconds(10));
    }
}
