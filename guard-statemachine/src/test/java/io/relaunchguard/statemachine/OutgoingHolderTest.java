package io.relaunchguard.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H52")
class OutgoingHolderTest {

    private final World world = new World();
    private final OutgoingHolder holder = new OutgoingHolder(world.ports());

    @AfterEach
    void nothingStaysPinnedAndNobodyIsSignalled() {
        assertThat(world.open).isEmpty();
        assertThat(world.signals).isEmpty();
    }

    @Test
    void isThisProcessWithoutALock() {
        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, world.launcher));
    }

    @Test
    void isThisProcessWhenItsOwnLockSaysSo() {
        world.lockNames(world.launcher);

        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, world.launcher));
    }

    @Test
    void isTheBrowserThatThisProcessHasStarted() {
        WorldProcess helper = world.child(world.launcher, 4700);
        WorldProcess browser = world.child(helper, 4711);
        world.lockNames(browser);

        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, browser));
    }

    @Test
    void isNotAProcessThatThisOneHasNotStarted() {
        world.lockNames(world.process(4711));

        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, world.launcher));
    }

    @Test
    void isNotAProcessWhoseParentageCannotBeTold() {
        WorldProcess browser = world.child(world.launcher, 4711);
        browser.lineageKnown = false;
        world.lockNames(browser);

        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, world.launcher));
    }

    @Test
    void isNotAProcessOfAnotherHostOrOneThatCannotBePinned() {
        WorldProcess browser = world.child(world.launcher, 4711);
        world.lockIs(Observation.seen(new SingletonLock("another-host", browser.pid)));
        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, world.launcher));

        world.lockNames(browser);
        browser.pinnable = false;
        assertThat(holder.find(world.launcher.pid)).satisfies(found -> isThat(found, world.launcher));
    }

    @Test
    void canBeNamedByTheApplication() throws IOException {
        WorldProcess browser = world.process(4711);
        world.lockNames(browser);

        ProcessIdentity named = holder.named(4711);
        new MarkerWriter(world.ports()).write(named, "1", "2", Duration.ofSeconds(10));

        assertThat(world.marker).isInstanceOfSatisfying(MarkerReading.Valid.class, valid -> {
            assertThat(valid.marker().pid()).isEqualTo(4711);
            assertThat(valid.marker().start()).isEqualTo(browser.start);
            assertThat(valid.marker().toVersion()).isEqualTo("2");
        });
    }

    @Test
    void isRefusedWhenTheLockNamesAnotherOrCannotBeRead() {
        world.lockNames(world.process(4711));
        world.process(4712);
        assertRefused(4712, "its lock names process 4711");

        world.lockIs(Observation.unknown("permission denied"));
        assertRefused(4711, "permission denied");
    }

    @Test
    void isRefusedWhenItCannotBePinnedOrIsNotThere() {
        WorldProcess browser = world.process(4711);
        browser.pinnable = false;
        assertRefused(4711, "cannot be marked");
        assertRefused(4799, "cannot be marked");
        assertRefused(1, "not the PID of an application");
        assertRefused(-1, "not the PID of an application");
    }

    /** The kernel's word is asked for when it is written; so is that it is still the same process. */
    @Test
    void isNotMarkedWhenItIsAnotherUsersOrAnotherProcessByThen() {
        WorldProcess browser = world.process(4711);
        browser.user = Observation.seen("0");
        ProcessIdentity others = holder.named(4711);
        assertThatThrownBy(() -> new MarkerWriter(world.ports()).write(others, "1", "2", Duration.ofSeconds(10)))
                .isInstanceOf(ConsentRefusedException.class)
                .hasMessageContaining("not this user's");

        browser.user = Observation.seen(World.USER);
        ProcessIdentity first = holder.named(4711);
        world.exit(browser);
        world.reap(browser);
        world.process(4711);
        assertThatThrownBy(() -> new MarkerWriter(world.ports()).write(first, "1", "2", Duration.ofSeconds(10)))
                .isInstanceOf(ConsentRefusedException.class)
                .hasMessageContaining("another has its PID");
        assertThat(world.marker).isInstanceOf(MarkerReading.Absent.class);
    }

    private void assertRefused(long pid, String reason) {
        assertThatThrownBy(() -> holder.named(pid))
                .isInstanceOf(ConsentRefusedException.class)
                .hasMessageContaining(reason);
    }

    private static void isThat(ProcessIdentity found, WorldProcess process) {
        assertThat(found.pid()).isEqualTo(process.pid);
        assertThat(found.start()).isEqualTo(process.start);
    }
}
