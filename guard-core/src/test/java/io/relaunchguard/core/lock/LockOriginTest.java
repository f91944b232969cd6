package io.relaunchguard.core.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What an instance record proves of a lock, and each single thing without which it proves nothing. */
class LockOriginTest {

    private static final SingletonLock LOCK = new SingletonLock("desk-7", 4711);
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00.123456789Z");
    private static final InstanceRecord RECORD = record("");
    private static final Observation<String> PROFILE = Observation.seen("64768:77");
    private static final ProcessIdentity MAKER = process("8812345", ExecutionState.RUNNING);

    private Observation<Instant> since = Observation.seen(MADE);
    private Observation<InstanceRecord> reading = Observation.seen(RECORD);
    private Observation<String> boot = Observation.seen("boot-1");
    private Observation<String> machine = Observation.seen("machine-1");
    private Observation<String> namespace = Observation.seen("pid:[1]");
    private Observation<String> time = Observation.seen("time:[1]");
    private Observation<String> user = Observation.seen("1000");
    private Observation<String> profile = PROFILE;
    private SingletonLock lock = LOCK;

    @Test
    @Tag("H09")
    void isOfThisNamespaceWhateverTheHostIsCalledNow() {
        assertThat(origin()).isEqualTo(new LockOrigin.SameNamespace(LOCK, "8812345", true));
    }

    @Test
    @Tag("H09")
    void isOfAnEarlierBootOfThisMachine() {
        boot = Observation.seen("boot-2");
        assertThat(origin()).isEqualTo(new LockOrigin.EarlierBoot(LOCK));
        assertThat(new LockOrigin.EarlierBoot(LOCK).maker())
                .isEqualTo(new LockMaker.Gone(
                        "process 4711 of host \"desk-7\" made it in an earlier boot of this machine"));
    }

    /** Btrfs, ZFS, an overlay and the order in which disks are opened give a directory another one after each boot. */
    @Test
    @Tag("H48")
    void isOfAnEarlierBootWhateverDeviceNumberTheProfileHasNow() {
        boot = Observation.seen("boot-2");
        profile = Observation.seen("64769:77");
        assertThat(origin()).isEqualTo(new LockOrigin.EarlierBoot(LOCK));
    }

    @Test
    @Tag("H48")
    @Tag("H05")
    void isUnprovenInACopyThatCameToAnotherMachine() {
        boot = Observation.seen("boot-2");
        machine = Observation.seen("machine-2");
        profile = Observation.seen("64769:77");
        assertUnproven("not provably on this machine");
    }

    @Test
    @Tag("H48")
    @Tag("H05")
    void isUnprovenInACopyWhereAnotherLockWasMadeSince() {
        boot = Observation.seen("boot-2");
        profile = Observation.seen("64769:77");
        since = Observation.seen(MADE.plusNanos(1));
        assertUnproven("of another lock");
    }

    @Test
    @Tag("H11")
    void isOfAnotherNamespaceWhoseMakerKeepsALifeLock() {
        namespace = Observation.seen("pid:[2]");
        reading = Observation.seen(record("64768:78"));
        assertThat(origin()).isEqualTo(new LockOrigin.OtherNamespace(LOCK, "64768:78"));
    }

    @Test
    @Tag("H11")
    void isUnprovenInAnotherNamespaceWithoutALifeLock() {
        namespace = Observation.seen("pid:[2]");
        assertUnproven("the guard cannot tell from here whether it still runs");
    }

    @Test
    void isUnprovenWithoutARecord() {
        reading = Observation.absent("there is no record");
        assertUnproven("there is no record");
    }

    @Test
    @Tag("H12")
    void isUnprovenByARecordThatMustNotBeBelieved() {
        reading = Observation.unknown("the record is a link");
        assertUnproven("the record is a link");
    }

    @Test
    void isUnprovenByTheRecordOfAnotherPid() {
        lock = new SingletonLock("desk-7", 4712);
        assertUnproven("of another lock");
    }

    @Test
    void isUnprovenByTheRecordOfAnotherHostName() {
        lock = new SingletonLock("desk-8", 4711);
        assertUnproven("of another lock");
    }

    @Test
    @Tag("H08")
    void isUnprovenForALaterLockThatSaysTheSame() {
        since = Observation.seen(MADE.plusNanos(1));
        assertUnproven("of another lock");
    }

    @Test
    @Tag("H12")
    void isUnprovenWhereTheTimeOfTheLockCannotBeTold() {
        since = Observation.unknown("permission denied");
        assertUnproven("of another lock");
    }

    @Test
    @Tag("H05")
    void isUnprovenInACopyOfTheProfile() {
        profile = Observation.seen("64768:99");
        assertUnproven("of another profile directory");
    }

    @Test
    @Tag("H12")
    void isUnprovenWhereTheProfileCannotBeIdentified() {
        profile = Observation.unknown("permission denied");
        assertUnproven("of another profile directory");
    }

    @Test
    @Tag("H20")
    void isUnprovenByTheRecordOfAnotherUser() {
        user = Observation.seen("1001");
        assertUnproven("of another user's process");
    }

    @Test
    @Tag("H12")
    void isUnprovenWhereTheRunningBootIsNotKnown() {
        boot = Observation.unknown("no /proc");
        assertUnproven("the running boot is not known: no /proc");
    }

    @Test
    @Tag("H10")
    void isUnprovenInAnotherBootOfAnotherMachine() {
        boot = Observation.seen("boot-2");
        machine = Observation.seen("machine-2");
        assertUnproven("not provably on this machine");
    }

    @Test
    @Tag("H10")
    @Tag("H12")
    void isUnprovenInAnotherBootOfAMachineWithoutAnId() {
        boot = Observation.seen("boot-2");
        machine = Observation.absent("this machine has no id");
        assertUnproven("not provably on this machine");
    }

    @Test
    @Tag("H12")
    void isUnprovenWhereThisNamespaceIsNotKnown() {
        namespace = Observation.unknown("no /proc");
        reading = Observation.seen(record("64768:78"));
        assertUnproven("this PID namespace is not known: no /proc");
    }

    @Test
    void theMakerIsGoneWhenNobodyHasItsPid() {
        assertThat(here().maker(Observation.absent("nobody")))
                .isEqualTo(new LockMaker.Gone(
                        "process 4711, which made it on this host under the name \"desk-7\", has exited"));
    }

    @Test
    @Tag("H13")
    void theMakerIsGoneWhenItIsAZombie() {
        assertThat(here().maker(Observation.seen(process("8812345", ExecutionState.EXITED))))
                .isInstanceOf(LockMaker.Gone.class);
    }

    @Test
    @Tag("H02")
    void theMakerIsGoneWhenAnotherProcessHasItsPid() {
        assertThat(here().maker(Observation.seen(process("9912345", ExecutionState.RUNNING))))
                .isEqualTo(new LockMaker.Gone(
                        "process 4711, which made it, has exited, and its PID belongs to another process now"));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "EXITED")
    @Tag("H01")
    void theMakerIsAliveWithItsPidAndStart(ExecutionState state) {
        assertThat(here().maker(Observation.seen(process("8812345", state))))
                .isEqualTo(new LockMaker.Alive(process("8812345", state)));
    }

    @Test
    @Tag("H12")
    void theMakerIsUntoldWhenItCannotBeExamined() {
        assertThat(here().maker(Observation.unknown("permission denied")))
                .isEqualTo(new LockMaker.Untold("process 4711 cannot be examined: permission denied"));
    }

    @Test
    @Tag("H11")
    void theMakerInAnotherNamespaceIsGoneOnlyWhenItsLifeLockIsFree() {
        LockOrigin.OtherNamespace other = new LockOrigin.OtherNamespace(LOCK, "64768:78");
        assertThat(other.maker(Observation.seen(true))).isInstanceOf(LockMaker.Gone.class);
        assertThat(other.maker(Observation.seen(false)))
                .isEqualTo(
                        new LockMaker.Elsewhere("process 4711 of host \"desk-7\" is alive in another PID namespace"));
        assertThat(other.maker(Observation.unknown("it was replaced")))
                .isEqualTo(new LockMaker.Elsewhere("it was replaced"));
        assertThat(other.maker(Observation.absent("no lock"))).isEqualTo(new LockMaker.Elsewhere("no lock"));
    }

    @Test
    @Tag("H01")
    void aLockIsStaleOnceItsMakerIsGoneAndInUseWhileItLives() {
        CacheStatus uncertain = new CacheStatus.Uncertain("another host");
        CacheStatus inUse = new CacheStatus.InUse(LOCK, process("9912345", ExecutionState.RUNNING));

        assertThat(CacheStatus.judge(uncertain, LOCK, new LockMaker.Gone("proof")))
                .isEqualTo(new CacheStatus.Stale(LOCK, "proof"));
        assertThat(CacheStatus.judge(inUse, LOCK, new LockMaker.Gone("proof")))
                .isEqualTo(new CacheStatus.Stale(LOCK, "proof"));
        assertThat(CacheStatus.judge(uncertain, LOCK, new LockMaker.Alive(MAKER)))
                .isEqualTo(new CacheStatus.InUse(LOCK, MAKER));
        assertThat(CacheStatus.judge(uncertain, LOCK, new LockMaker.Untold("no record")))
                .isEqualTo(new CacheStatus.Uncertain("another host; no record"));
        assertThat(CacheStatus.judge(inUse, LOCK, new LockMaker.Untold("no record")))
                .isSameAs(inUse);
    }

    @Test
    @Tag("H30")
    void aPidThatIsFreeHereShowsNothingOfAMakerElsewhere() {
        CacheStatus stale = new CacheStatus.Stale(LOCK, "process 4711 on this host has exited");

        assertThat(CacheStatus.judge(stale, LOCK, new LockMaker.Elsewhere("alive in another PID namespace")))
                .isEqualTo(new CacheStatus.Uncertain("alive in another PID namespace"));
        assertThat(CacheStatus.judge(stale, LOCK, new LockMaker.Alive(MAKER)))
                .isEqualTo(new CacheStatus.InUse(LOCK, MAKER));
        assertThat(CacheStatus.judge(stale, LOCK, new LockMaker.Untold("no record")))
                .isSameAs(stale);
        assertThat(CacheStatus.judge(stale, LOCK, new LockMaker.Gone("another proof")))
                .isSameAs(stale);
    }

    @Test
    @Tag("H31")
    void aStartThatWasReadInAnotherTimeNamespaceShowsNothing() {
        time = Observation.seen("time:[2]");
        assertThat(origin()).isEqualTo(new LockOrigin.SameNamespace(LOCK, "8812345", false));
        time = Observation.unknown("permission denied");
        LockOrigin.SameNamespace shifted = new LockOrigin.SameNamespace(LOCK, "8812345", false);
        assertThat(origin()).isEqualTo(shifted);

        assertThat(shifted.maker(Observation.seen(process("9912345", ExecutionState.RUNNING))))
                .isEqualTo(new LockMaker.Untold("the guard cannot tell whether process 4711 made it: its start"
                        + " was read in another time namespace"));
        assertThat(shifted.maker(Observation.seen(MAKER))).isInstanceOf(LockMaker.Untold.class);
        assertThat(shifted.maker(Observation.absent("nobody"))).isInstanceOf(LockMaker.Gone.class);
    }

    @Test
    @Tag("H30")
    void theMakerIsGoneWhenItsExitWasSeen() {
        reading = Observation.seen(RECORD.asEnded(List.of()));
        LockOrigin.Nobody ended = new LockOrigin.Nobody(
                "the launcher of process 4711 of host \"desk-7\" saw that it no longer uses the profile");
        assertThat(origin()).isEqualTo(ended);
        assertThat(ended.maker()).isEqualTo(new LockMaker.Gone(ended.proof()));
        namespace = Observation.seen("pid:[2]");
        assertThat(origin()).isEqualTo(ended);
    }

    @Test
    @Tag("H41")
    void anInstanceWithoutALockIsNamedByTheRecordAlone() {
        lock = new SingletonLock("desk-9", 9);
        since = Observation.absent("no lock");
        assertThat(instance()).isEqualTo(new LockOrigin.SameNamespace(LOCK, "8812345", true));
        namespace = Observation.seen("pid:[2]");
        assertThat(instance()).isInstanceOf(LockOrigin.Unproven.class);
        reading = Observation.seen(record("life"));
        assertThat(instance()).isEqualTo(new LockOrigin.OtherNamespace(LOCK, "life"));
        user = Observation.seen("1001");
        assertThat(instance()).isInstanceOf(LockOrigin.Unproven.class);
    }

    @Test
    @Tag("H41")
    void noInstanceIsNamedByARecordOfAnotherProfileOrBootOrNone() {
        profile = Observation.seen("64768:99");
        assertThat(instance()).isEqualTo(new LockOrigin.Nobody("the instance record is of another profile directory"));
        profile = Observation.unknown("permission denied");
        assertThat(instance()).isInstanceOf(LockOrigin.SameNamespace.class);
        boot = Observation.seen("boot-2");
        assertThat(instance()).isEqualTo(new LockOrigin.EarlierBoot(LOCK));
        reading = Observation.absent("the record is torn");
        assertThat(instance()).isEqualTo(new LockOrigin.Nobody("the record is torn"));
        reading = Observation.unknown("permission denied");
        assertThat(instance()).isEqualTo(new LockOrigin.Unproven("permission denied"));
    }

    /** As systemd-nspawn(1) gives a container one, beside a live host. */
    @Test
    @Tag("H41")
    @Tag("H10")
    void anotherBootIdAloneShowsNoEarlierBoot() {
        boot = Observation.seen("boot-2");
        machine = Observation.absent("this machine has no id");
        assertThat(instance())
                .isEqualTo(
                        new LockOrigin.Unproven(
                                "process 4711 of host \"desk-7\" was let through under another boot id,"
                                        + " and not provably before this machine was started: a container has one of its own, for example"));
        machine = Observation.seen("machine-2");
        assertThat(instance()).isInstanceOf(LockOrigin.Unproven.class);

        reading = Observation.seen(record("life"));
        assertThat(instance()).isEqualTo(new LockOrigin.OtherNamespace(LOCK, "life"));
        reading = Observation.seen(RECORD.asEnded(List.of()));
        assertThat(instance()).isInstanceOf(LockOrigin.Nobody.class);
    }

    /** It may have been given the host's own machine id, see machine-id(5). */
    @Test
    @Tag("H41")
    @Tag("H10")
    void anEarlierBootOfTheHostIsNotShownInsideAContainer() {
        reading = Observation.seen(in(HostIdentity.INITIAL_PID_NAMESPACE));
        boot = Observation.seen("boot-2");
        assertThat(instance()).isInstanceOf(LockOrigin.Unproven.class);
        namespace = Observation.unknown("denied");
        assertThat(instance()).isInstanceOf(LockOrigin.Unproven.class);
        namespace = Observation.seen(HostIdentity.INITIAL_PID_NAMESPACE);
        assertThat(instance()).isEqualTo(new LockOrigin.EarlierBoot(LOCK));
        reading = Observation.seen(RECORD);
        assertThat(instance()).isEqualTo(new LockOrigin.EarlierBoot(LOCK));
    }

    private static InstanceRecord in(String pidNamespace) {
        return new InstanceRecord(
                LOCK,
                Optional.of(MADE),
                "8812345",
                "boot-1",
                "machine-1",
                pidNamespace,
                "time:[1]",
                "1000",
                "64768:77",
                "",
                false,
                false,
                List.of());
    }

    @Test
    @Tag("H41")
    void aProfileWithoutALockIsTheLiveInstancesUnlessThatIsThisProcess() {
        assertThat(CacheStatus.judge(LOCK, new LockMaker.Alive(MAKER), false))
                .isEqualTo(new CacheStatus.InUse(LOCK, MAKER));
        assertThat(CacheStatus.judge(LOCK, new LockMaker.Alive(MAKER), true)).isEqualTo(new CacheStatus.Free());
        assertThat(CacheStatus.judge(LOCK, new LockMaker.Gone("proof"), false)).isEqualTo(new CacheStatus.Free());
        assertThat(CacheStatus.judge(LOCK, new LockMaker.Elsewhere("a sandbox"), false))
                .isEqualTo(new CacheStatus.Uncertain("a sandbox"));
        assertThat(CacheStatus.judge(LOCK, new LockMaker.Untold("denied"), false))
                .isEqualTo(new CacheStatus.Uncertain("denied"));
    }

    private LockOrigin instance() {
        return LockOrigin.ofInstance(
                reading,
                new HostIdentity(9, Observation.seen("laptop"), boot, machine, namespace, time, user),
                profile);
    }

    private LockOrigin origin() {
        return LockOrigin.of(
                lock,
                since,
                reading,
                new HostIdentity(9, Observation.seen("laptop"), boot, machine, namespace, time, user),
                profile);
    }

    private static LockOrigin.SameNamespace here() {
        return new LockOrigin.SameNamespace(LOCK, "8812345", true);
    }

    private void assertUnproven(String why) {
        assertThat(origin())
                .isInstanceOfSatisfying(
                        LockOrigin.Unproven.class,
                        unproven -> assertThat(unproven.reason()).contains(why));
    }

    private static InstanceRecord record(String lifeLock) {
        return new InstanceRecord(
                LOCK,
                Optional.of(MADE),
                "8812345",
                "boot-1",
                "machine-1",
                "pid:[1]",
                "time:[1]",
                "1000",
                "64768:77",
                lifeLock,
                false,
                false,
                List.of());
    }

    private static ProcessIdentity process(String start, ExecutionState state) {
        return new ProcessIdentity(
                4711,
                start,
                state,
                Observation.seen("1000"),
                Observation.seen("pid:[1]"),
                Observation.seen("/opt/app/app"),
                Observation.seen(Lineage.UNRELATED));
    }
}
