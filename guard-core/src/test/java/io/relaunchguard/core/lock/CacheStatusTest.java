package io.relaunchguard.core.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class CacheStatusTest {

    private static final Observation<String> EVERYBODY = Observation.seen("the initial pid namespace");

    private static final SingletonLock LOCK = new SingletonLock("desk-7", 4711);
    private static final Observation<SingletonLock> LOCKED = Observation.seen(LOCK);
    private static final Observation<String> HERE = Observation.seen("desk-7");
    private static final Observation<ProcessIdentity> NOBODY = Observation.absent("no such process");
    private static final Observation<ProcessIdentity> UNTOLD = Observation.unknown("permission denied");

    @Test
    void isFreeWithoutALock() {
        assertThat(CacheStatus.judge(Observation.absent("no lock"), HERE, NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Free());
    }

    @Test
    @Tag("H26")
    void isFreeWithoutALockWhateverElseIsUnknown() {
        assertThat(CacheStatus.judge(
                        Observation.absent("no lock"), Observation.unknown("broken"), UNTOLD, UNTOLD, EVERYBODY))
                .isEqualTo(new CacheStatus.Free());
    }

    @Test
    @Tag("H12")
    @Tag("H22")
    void isUncertainWhenTheLockIsUnknown() {
        assertThat(CacheStatus.judge(Observation.unknown("it is a directory"), HERE, NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Uncertain("it is a directory"));
    }

    @Test
    @Tag("H09")
    void isUncertainWhenThisHostsNameIsUnknown() {
        assertThat(CacheStatus.judge(LOCKED, Observation.unknown("gethostname failed"), NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Uncertain("this host's own name is not known: gethostname failed"));
    }

    @Test
    @Tag("H09")
    void isUncertainWhenThisHostHasNoName() {
        assertThat(CacheStatus.judge(LOCKED, Observation.absent("none set"), NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Uncertain("this host's own name is not known: none set"));
    }

    @Test
    @Tag("H09")
    @Tag("H11")
    void isUncertainWhenTheLockIsAnotherHosts() {
        assertThat(CacheStatus.judge(LOCKED, Observation.seen("desk-8"), NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(
                        new CacheStatus.Uncertain(
                                "the lock names another host, \"desk-7\"; the guard cannot tell from here whether that instance is alive"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0, -1, Integer.MAX_VALUE + 1L, 4_294_967_298L, Long.MAX_VALUE, Long.MIN_VALUE})
    @Tag("H06")
    void isUncertainWhenNoBrowserCanHaveThePid(long pid) {
        assertThat(CacheStatus.judge(
                        Observation.seen(new SingletonLock("desk-7", pid)), HERE, NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Uncertain(
                        "the lock names PID " + pid + ", which no browser of this namespace can have"));
    }

    @ParameterizedTest
    @ValueSource(longs = {2, Integer.MAX_VALUE})
    void isStaleForADeadHolderAtEitherEndOfTheRange(long pid) {
        SingletonLock lock = new SingletonLock("desk-7", pid);

        assertThat(CacheStatus.judge(Observation.seen(lock), HERE, NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Stale(lock, "process " + pid + " on this host has exited"));
    }

    @Test
    @Tag("H12")
    void isUncertainWhenTheHolderCannotBeExamined() {
        assertThat(CacheStatus.judge(LOCKED, HERE, UNTOLD, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Uncertain("process 4711 cannot be examined: permission denied"));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "EXITED")
    @Tag("H01")
    void isInUseWhileTheHolderLives(ExecutionState state) {
        assertThat(CacheStatus.judge(LOCKED, HERE, Observation.seen(process(state)), NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.InUse(LOCK, process(state)));
    }

    @Test
    @Tag("H01")
    void isInUseWhileTheHolderLivesWhoeverElseHasItsPid() {
        Observation<ProcessIdentity> alive = Observation.seen(process(ExecutionState.RUNNING));

        assertThat(CacheStatus.judge(LOCKED, HERE, alive, alive, EVERYBODY)).isInstanceOf(CacheStatus.InUse.class);
    }

    @Test
    @Tag("H13")
    void isStaleWhenTheHolderIsAZombie() {
        assertThat(CacheStatus.judge(LOCKED, HERE, Observation.seen(process(ExecutionState.EXITED)), NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Stale(LOCK, "process 4711 on this host has exited"));
    }

    @Test
    void isStaleWhenTheHolderIsGone() {
        assertThat(CacheStatus.judge(LOCKED, HERE, NOBODY, NOBODY, EVERYBODY))
                .isEqualTo(new CacheStatus.Stale(LOCK, "process 4711 on this host has exited"));
    }

    @Test
    @Tag("H10")
    void isUncertainWhenAnotherNamespaceHasSuchAProcess() {
        Observation<ProcessIdentity> namesake = Observation.seen(process(ExecutionState.RUNNING));

        assertThat(CacheStatus.judge(LOCKED, HERE, NOBODY, namesake, EVERYBODY))
                .isEqualTo(new CacheStatus.Uncertain(
                        "PID 4711 is alive in another PID namespace and may be using the profile"));
    }

    @Test
    @Tag("H10")
    @Tag("H12")
    void isUncertainWhenOtherNamespacesCannotBeLookedAt() {
        assertThat(CacheStatus.judge(LOCKED, HERE, NOBODY, UNTOLD, EVERYBODY))
                .isInstanceOf(CacheStatus.Uncertain.class);
    }

    @Test
    @Tag("H10")
    void isUncertainWhenTheHolderIsAZombieButHasANamesake() {
        Observation<ProcessIdentity> zombie = Observation.seen(process(ExecutionState.EXITED));
        Observation<ProcessIdentity> namesake = Observation.seen(process(ExecutionState.RUNNING));

        assertThat(CacheStatus.judge(LOCKED, HERE, zombie, namesake, EVERYBODY))
                .isInstanceOf(CacheStatus.Uncertain.class);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    @net.jqwik.api.Tag("H01")
    @net.jqwik.api.Tag("H12")
    void isStaleOnlyForAHolderOfThisHostThatIsProvablyDead(
            @ForAll("locks") Observation<SingletonLock> lock,
            @ForAll("hosts") Observation<String> host,
            @ForAll("processes") Observation<ProcessIdentity> holder,
            @ForAll("processes") Observation<ProcessIdentity> namesake,
            @ForAll("views") Observation<String> everybody) {
        boolean lockOfThisHost = lock instanceof Observation.Seen<SingletonLock> seen
                && host.is(seen.value().host())
                && seen.value().pid() > 1
                && seen.value().pid() <= 2_147_483_647L;
        boolean dead = holder instanceof Observation.Absent
                || holder.map(ProcessIdentity::state).is(ExecutionState.EXITED);
        boolean noNamesake = namesake instanceof Observation.Absent;

        CacheStatus status = CacheStatus.judge(lock, host, holder, namesake, everybody);

        assertThat(status instanceof CacheStatus.Stale)
                .isEqualTo(lockOfThisHost && dead && noNamesake && everybody instanceof Observation.Seen);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    @net.jqwik.api.Tag("H01")
    void isFreeOnlyWithoutALock(
            @ForAll("locks") Observation<SingletonLock> lock,
            @ForAll("hosts") Observation<String> host,
            @ForAll("processes") Observation<ProcessIdentity> holder,
            @ForAll("processes") Observation<ProcessIdentity> namesake) {
        CacheStatus status = CacheStatus.judge(lock, host, holder, namesake, EVERYBODY);

        assertThat(status instanceof CacheStatus.Free).isEqualTo(lock instanceof Observation.Absent);
    }

    @Provide
    Arbitrary<Observation<SingletonLock>> locks() {
        return Arbitraries.of(
                Observation.absent("no lock"),
                Observation.unknown("it is a directory"),
                LOCKED,
                Observation.seen(new SingletonLock("desk-8", 4711)),
                Observation.seen(new SingletonLock("desk-7", 1)),
                Observation.seen(new SingletonLock("desk-7", 2)),
                Observation.seen(new SingletonLock("desk-7", Integer.MAX_VALUE)),
                Observation.seen(new SingletonLock("desk-7", Integer.MAX_VALUE + 1L)));
    }

    @Test
    @Tag("H30")
    void isUncertainWhenTheObserverDoesNotSeeEverybody() {
        assertThat(CacheStatus.judge(LOCKED, HERE, NOBODY, NOBODY, Observation.unknown("/proc hides processes")))
                .isEqualTo(
                        new CacheStatus.Uncertain("process 4711 cannot be seen from here, which does not show that it"
                                + " is gone: /proc hides processes"));
    }

    @Provide
    Arbitrary<Observation<String>> views() {
        return Arbitraries.of(EVERYBODY, Observation.unknown("hidden"), Observation.absent("blind"));
    }

    @Provide
    Arbitrary<Observation<String>> hosts() {
        return Arbitraries.of(HERE, Observation.seen("desk-8"), Observation.absent("none"), Observation.unknown("?"));
    }

    @Provide
    Arbitrary<Observation<ProcessIdentity>> processes() {
        return Arbitraries.of(
                NOBODY,
                UNTOLD,
                Observation.seen(process(ExecutionState.RUNNING)),
                Observation.seen(process(ExecutionState.UNINTERRUPTIBLE)),
                Observation.seen(process(ExecutionState.EXITED)));
    }

    private static ProcessIdentity process(ExecutionState state) {
        return new ProcessIdentity(
                4711,
                "8812345",
                state,
                Observation.seen("1000"),
                Observation.seen("pid:[4026531836]"),
                Observation.seen("/opt/app/app"),
                Observation.seen(Lineage.UNRELATED));
    }
}
