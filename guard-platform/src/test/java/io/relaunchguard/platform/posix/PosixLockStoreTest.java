package io.relaunchguard.platform.posix;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.linux.LinuxPlatform;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PosixLockStoreTest {

    private static final GuardClock CLOCK =
            new LinuxPlatform().open(Path.of("")).clock();
    private static final SingletonLock STALE = new SingletonLock("desk-7", 100);
    private static final SingletonLock LIVE = new SingletonLock("desk-7", 200);

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    private Path lock;
    private Path aside;
    private PosixLockStore store;

    @BeforeEach
    void open() {
        lock = profile.resolve("SingletonLock");
        aside = profile.resolve(PosixLockStore.ASIDE);
        store = store(profile);
    }

    @Test
    void findsNoLockInAProfileWithoutOne() {
        assertThat(store.read()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void tellsSinceWhenTheLockStandsNotWhatItPointsAt() throws IOException {
        Instant before = Instant.now().minusSeconds(1);
        Files.createSymbolicLink(lock, Path.of("desk-7-100"));
        Files.createFile(profile.resolve("desk-7-100"));
        Files.setLastModifiedTime(profile.resolve("desk-7-100"), FileTime.from(Instant.EPOCH));

        assertThat(store.since().toOptional())
                .hasValueSatisfying(since ->
                        assertThat(since).isBetween(before, Instant.now().plusSeconds(1)));
    }

    @Test
    void tellsNoTimeWithoutALock() {
        assertThat(store.since()).isInstanceOf(Observation.Absent.class);
        assertThat(store(profile.resolve("missing")).since()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    @Tag("H28")
    void tellsTheTimeOfALockThatStandsAside() throws IOException {
        link(lock, "desk-7-100");
        Observation<Instant> made = store.since();

        Files.move(lock, profile.resolve(PosixLockStore.ASIDE));

        assertThat(store.since()).isEqualTo(made).isInstanceOf(Observation.Seen.class);
    }

    @Test
    @Tag("H08")
    void tellsApartTwoLocksThatSayTheSame() throws IOException {
        link(lock, "desk-7-100");
        Observation<Instant> made = store.since();
        Files.delete(lock);
        await().atMost(10, SECONDS).until(() -> !nowByTheFileSystem().equals(made));

        link(lock, "desk-7-100");

        assertThat(store.since()).isInstanceOf(Observation.Seen.class).isNotEqualTo(made);
    }

    private Observation<Instant> nowByTheFileSystem() throws IOException {
        Path probe = Files.createTempFile(profile, "now", "");
        Instant now = Files.getLastModifiedTime(probe).toInstant();
        Files.delete(probe);
        return Observation.seen(now);
    }

    @Test
    @Tag("H12")
    void cannotTellTheTimeOfALockThatItCannotReach() throws IOException {
        Path loop = Files.createSymbolicLink(profile.resolve("loop"), Path.of("loop"));
        assertThat(store(loop).since()).isInstanceOf(Observation.Unknown.class);
    }

    @Test
    void findsNoLockInAProfileThatIsNotThere() {
        assertThat(store(profile.resolve("missing")).read()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void readsALinkThatLeadsNowhere() throws IOException {
        link(lock, "My.Odd-Host.example-7-31900");

        assertThat(store.read()).isEqualTo(Observation.seen(new SingletonLock("My.Odd-Host.example-7", 31900)));
    }

    @Test
    void readsAHostOf64Characters() throws IOException {
        link(lock, "h".repeat(64) + "-5");

        assertThat(store.read()).isEqualTo(Observation.seen(new SingletonLock("h".repeat(64), 5)));
    }

    @Test
    void readsALinkThatHappensToLeadToADirectory() throws IOException {
        Path working = Path.of("").toAbsolutePath();
        Path directory = Files.createDirectory(
                working.resolve("guard-test-" + ProcessHandle.current().pid()));
        try {
            link(lock, directory.getFileName().toString());

            assertThat(store.read())
                    .isEqualTo(Observation.seen(new SingletonLock(
                            "guard-test", ProcessHandle.current().pid())));
        } finally {
            Files.delete(directory);
        }
    }

    @Tag("H22")
    @Test
    void doesNotKnowWhatARegularFileMeans() throws IOException {
        Files.writeString(lock, "desk-7-100");

        assertThat(store.read()).isInstanceOf(Observation.Unknown.class);
        assertThat(store.remove(STALE)).isFalse();
        assertThat(lock).hasContent("desk-7-100");
    }

    @Tag("H22")
    @Test
    void doesNotKnowWhatADirectoryMeans() throws IOException {
        Files.createDirectory(lock);

        assertThat(store.read()).isInstanceOf(Observation.Unknown.class);
        assertThat(store.remove(STALE)).isFalse();
        assertThat(lock).isDirectory();
    }

    @Tag("H22")
    @Test
    void doesNotKnowWhatAPipeMeans() {
        StartedProcesses.run("mkfifo", lock.toString());

        assertThat(store.read()).isInstanceOf(Observation.Unknown.class);
        assertThat(store.remove(STALE)).isFalse();
        assertThat(lock).exists();
    }

    @Tag("H12")
    @Test
    void doesNotTakeAProfileThatIsAFileForOneWithoutALock() throws IOException {
        Path file = Files.createFile(profile.resolve("file"));

        assertThat(store(file).read()).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H12")
    @Test
    @Needs(Need.ROOT)
    void doesNotTakeAProfileThatItMayNotSearchForOneWithoutALock() throws IOException {
        link(lock, LIVE.target());
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rwx------"));

        assertThat(processes.jvm(65534, profile, "lock").hear())
                .startsWith("Unknown[")
                .contains("permission denied");
    }

    @Tag("H22")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/desk-7-100",
                "/",
                "a/desk-7-100",
                "../desk-7-100",
                "desk-7-100/",
                "./desk-7-100",
                ".",
                "..",
                "desk"
            })
    void doesNotKnowALockWhoseTargetIsAPath(String target) {
        StartedProcesses.run("ln", "-s", target, lock.toString());

        assertThat(store.read()).isInstanceOf(Observation.Unknown.class);
        assertThat(store.remove(STALE)).isFalse();
    }

    @Test
    void doesNotKnowALockWhoseTargetIsNotUtf8() {
        StartedProcesses.run("sh", "-c", "ln -s \"$(printf 'desk\\377-100')\" \"$0\"", lock.toString());

        assertThat(store.read()).isInstanceOf(Observation.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void readsAHostInUtf8WhateverTheLocaleIs(String locale) {
        StartedProcesses.run("sh", "-c", "ln -s \"$(printf 'b\\303\\274ro 1%%-100')\" \"$0\"", lock.toString());

        assertThat(processes
                        .jvm(List.of(), Map.of("LC_ALL", locale), "-", profile, "lock-bytes")
                        .hear())
                .isEqualTo("Seen[value=" + "büro 1%".codePoints().boxed().toList() + "]");
    }

    @Tag("H08")
    @Test
    void removesExactlyTheLockThatWasMeant() throws IOException {
        link(lock, STALE.target());

        assertThat(store.remove(STALE)).isTrue();
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H08")
    @Test
    void leavesALockThatReplacedTheOneMeant() throws IOException {
        link(lock, LIVE.target());

        assertThat(store.remove(STALE)).isFalse();
        assertThat(target(lock)).isEqualTo(LIVE.target());
        assertThat(aside).doesNotExist();
    }

    @Test
    void removesNothingWhereThereIsNoLock() {
        assertThat(store.remove(STALE)).isFalse();
    }

    @Tag("H08")
    @Test
    void restoresALockThatWasRenamedAsideByMistake() throws IOException {
        link(aside, LIVE.target());

        assertThat(store.settle(STALE)).isFalse();

        assertThat(target(lock)).isEqualTo(LIVE.target());
        assertThat(Files.exists(aside, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Tag("H08")
    @Test
    void restoresNoLockOverANewerOne() throws IOException {
        link(aside, "desk-7-150");
        link(lock, LIVE.target());

        assertThat(store.settle(STALE)).isFalse();

        assertThat(target(lock)).isEqualTo(LIVE.target());
        assertThat(Files.exists(aside, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Tag("H22")
    @Test
    void restoresWhatIsNoLinkToo() throws IOException {
        Files.writeString(aside, "kept");

        assertThat(store.settle(STALE)).isFalse();

        assertThat(lock).hasContent("kept");
    }

    @Tag("H28")
    @Test
    void takesALockThatACrashLeftAsideForTheLock() throws IOException {
        link(aside, LIVE.target());

        assertThat(store.read()).isEqualTo(Observation.seen(LIVE));
        assertThat(store.remove(STALE)).isFalse();
        assertThat(target(aside)).isEqualTo(LIVE.target());
        assertThat(store.remove(LIVE)).isTrue();
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H28")
    @Test
    void prefersTheLockToOneThatACrashLeftAside() throws IOException {
        link(aside, STALE.target());
        link(lock, LIVE.target());

        assertThat(store.read()).isEqualTo(Observation.seen(LIVE));
        assertThat(store.remove(STALE)).isFalse();
        assertThat(target(lock)).isEqualTo(LIVE.target());
        assertThat(store.remove(LIVE)).isTrue();
        assertThat(profile).isEmptyDirectory();
    }

    /** A browser replaces the stale lock by its own at any moment of the removal. */
    @Tag("H08")
    @Test
    void neverLosesALockThatReplacesTheStaleOneDuringTheRemoval() throws Exception {
        Path prepared = profile.resolve("prepared");
        CyclicBarrier barrier = new CyclicBarrier(2);
        int rounds = 3000;
        AtomicBoolean failed = new AtomicBoolean();
        Thread browser = new Thread(() -> {
            try {
                for (int i = 0; i < rounds; i++) {
                    barrier.await();
                    for (int spin = 0; spin < i % 200; spin++) {
                        Thread.onSpinWait();
                    }
                    Files.move(prepared, lock, StandardCopyOption.ATOMIC_MOVE);
                    barrier.await();
                }
            } catch (Exception e) {
                failed.set(true);
                barrier.reset();
            }
        });
        browser.start();

        for (int i = 0; i < rounds; i++) {
            Files.deleteIfExists(lock);
            link(lock, STALE.target());
            link(prepared, LIVE.target());
            barrier.await();
            store.remove(STALE);
            barrier.await();
            assertThat(store.read()).as("round %d", i).isEqualTo(Observation.seen(LIVE));
            assertThat(target(lock)).isEqualTo(LIVE.target());
        }
        browser.join();
        assertThat(failed).isFalse();
    }

    /** Another launcher, which holds the launch lock, renames a live lock aside by mistake and puts it back. */
    @Tag("H08")
    @Test
    void neverReadsALiveLockAsAbsentWhileAnotherLauncherPutsItBack() throws Exception {
        link(lock, LIVE.target());
        CyclicBarrier barrier = new CyclicBarrier(2);
        int rounds = 5000;
        Thread launcher = new Thread(() -> {
            try {
                for (int i = 0; i < rounds; i++) {
                    barrier.await();
                    Files.move(lock, aside, StandardCopyOption.ATOMIC_MOVE);
                    store.settle(STALE);
                    barrier.await();
                }
            } catch (Exception e) {
                barrier.reset();
            }
        });
        launcher.start();

        int blind = 0;
        for (int i = 0; i < rounds; i++) {
            barrier.await();
            for (int spin = 0; spin < i % 300; spin++) {
                Thread.onSpinWait();
            }
            if (!store.read().is(LIVE)) {
                blind++;
            }
            barrier.await();
        }
        launcher.join();
        assertThat(blind).isZero();
    }

    @Test
    void tellsOfEveryKindOfChange() throws IOException {
        AtomicInteger changes = new AtomicInteger();
        try (Watch watch = store.watch(changes::incrementAndGet)) {
            assertThat(watch).isNotNull();
            link(lock, STALE.target());
            awaitChange(changes);
            Files.delete(lock);
            awaitChange(changes);
            Path file = Files.createFile(profile.resolve("file"));
            awaitChange(changes);
            Files.writeString(file, "modified");
            awaitChange(changes);
        }
    }

    @Test
    void tellsNothingAndLeavesNoThreadOnceTheWatchIsClosed() throws IOException {
        AtomicInteger changes = new AtomicInteger();
        Watch watch = store.watch(changes::incrementAndGet);
        assertThat(watchers()).hasSize(1);

        watch.close();
        watch.close();
        link(lock, STALE.target());

        assertThat(watchers()).isEmpty();
        assertThat(changes).hasValue(0);
    }

    @Test
    void canCloseTheWatchFromItsCallback() throws IOException {
        Watch[] watch = new Watch[1];
        AtomicInteger changes = new AtomicInteger();
        watch[0] = store.watch(() -> {
            changes.incrementAndGet();
            watch[0].close();
        });

        link(lock, STALE.target());

        await().untilAsserted(() -> assertThat(changes).hasValue(1));
        await().untilAsserted(() -> assertThat(watchers()).isEmpty());
    }

    @Test
    @Tag("H45")
    void namesTheVeryFileThatStandsForTheLock() throws IOException {
        assertThat(store.file()).isEqualTo(lock);
        link(aside, STALE.target());
        assertThat(store.file()).isEqualTo(aside);
        link(lock, LIVE.target());
        assertThat(store.file()).isEqualTo(lock);
    }

    @Test
    @Tag("H44")
    void hasItsOwnerLookTwiceASecondWhereTheDirectoryCannotBeWatched() {
        AtomicInteger looks = new AtomicInteger();
        long begun = System.nanoTime();

        Watch watch = store(profile.resolve("missing")).watch(looks::incrementAndGet);

        assertThat(watchers()).isEmpty();
        await().until(() -> looks.get() >= 3);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(1500));
        watch.close();
        watch.close();
        assertThat(lookers()).isEmpty();
    }

    @Test
    @Tag("H44")
    void canCloseALookFromItsCallback() {
        Watch[] watch = new Watch[1];
        AtomicInteger looks = new AtomicInteger();

        watch[0] = store(profile.resolve("missing")).watch(() -> {
            looks.incrementAndGet();
            watch[0].close();
        });

        await().untilAsserted(() -> assertThat(looks).hasValue(1));
        await().untilAsserted(() -> assertThat(lookers()).isEmpty());
    }

    private static void awaitChange(AtomicInteger changes) {
        await().until(() -> changes.getAndSet(0) > 0);
        // A change may be told of more than once.
        await().during(Duration.ofMillis(30)).until(() -> changes.getAndSet(0) == 0);
    }

    private static PosixLockStore store(Path directory) {
        return new PosixLockStore(directory, CLOCK);
    }

    private static List<Thread> watchers() {
        return threads("relaunch-guard-directory");
    }

    private static List<Thread> lookers() {
        return threads("relaunch-guard-look");
    }

    private static List<Thread> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .toList();
    }

    private static void link(Path link, String target) throws IOException {
        Files.createSymbolicLink(link, Path.of(target));
    }

    private static String target(Path link) throws IOException {
        return Files.readSymbolicLink(link).toString();
    }
}
