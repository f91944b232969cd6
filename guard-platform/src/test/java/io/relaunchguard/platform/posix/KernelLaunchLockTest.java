package io.relaunchguard.platform.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.platform.linux.LinuxPlatform;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("H07")
class KernelLaunchLockTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    private Path profile;
    private Path file;
    private final BlockingQueue<Observation<LaunchLock.Hold>> replies = new LinkedBlockingQueue<>();

    @BeforeEach
    void makeProfile() throws IOException {
        profile = Files.createDirectory(folder.resolve("profile"));
        file = profile.resolve(KernelLaunchLock.FILE_NAME);
    }

    @AfterEach
    void leavesNoThreadBehind() {
        await().untilAsserted(() -> assertThat(waiters()).isEmpty());
    }

    @Test
    void isHadAtOnceWhereNobodyHasIt() throws InterruptedException {
        request();

        held().close();
        assertThat(lock().probe()).isInstanceOf(Observation.Seen.class);
    }

    @Test
    void makesAMissingProfileThatIsItsOwnersAlone() throws Exception {
        profile = folder.resolve("deeper/profile");
        request();

        held().close();
        assertThat(Files.getPosixFilePermissions(profile)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(profile.resolve(KernelLaunchLock.FILE_NAME)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void canBeHadInAProfileThatIsALinkToADirectory() throws Exception {
        profile = Files.createSymbolicLink(folder.resolve("link"), profile);
        request();

        held().close();
        assertThat(file).exists();
    }

    @Test
    void waitsForAnotherLauncherUntilItIsDone() throws InterruptedException {
        Conversation other = otherThatHolds();
        request();
        awaitWaiting();
        assertThat(lock().probe()).isInstanceOf(Observation.Absent.class);
        assertThat(replies).isEmpty();

        other.say("close");

        held().close();
    }

    @Test
    @Tag("H65")
    void namesTheProcessThatHasIt() {
        assertThat(lock().owner()).isInstanceOf(Observation.Absent.class);
        Conversation other = otherThatHolds();

        assertThat(lock().owner().is(other.process().pid())).isTrue();

        assertThat(lock().probe()).as("the question drops nothing").isInstanceOf(Observation.Absent.class);
        other.say("close");
        assertThat(other.hear()).isEqualTo("done");
        assertThat(lock().owner()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    @Tag("H32")
    void isNotDroppedWhenItIsAskedForItsOwner() throws InterruptedException {
        request();
        LaunchLock.Hold hold = held();

        assertThat(lock().owner()).isInstanceOf(Observation.Absent.class);

        assertThat(probeFromAnotherJvm()).startsWith("Absent[");
        hold.close();
    }

    @Test
    @Tag("H65")
    void itsInnerOneIsHadByOneProcessUntilThatEnds() throws InterruptedException {
        request();
        LaunchLock.Hold outer = held();
        Conversation first = processes.jvm("-", profile, "request-inner");
        assertThat(List.of(first.hear(), first.hear())).containsExactlyInAnyOrder("held", "asked");
        first.say("close");
        assertThat(first.hear()).isEqualTo("done");
        LaunchLock inner = lock().inner().orElseThrow();
        assertThat(inner.probe()).isInstanceOf(Observation.Absent.class);

        inner.request(replies::add);
        assertAnotherWasAtWork("process " + first.process().pid());

        first.process().destroyForcibly().onExit().join();
        inner.request(replies::add);
        held().close();
        outer.close();
    }

    @Test
    void isHadWhenTheLauncherThatHadItIsKilled() throws InterruptedException {
        Conversation other = otherThatHolds();
        request();
        awaitWaiting();

        other.process().destroyForcibly();

        held().close();
    }

    @Test
    void isNotLeakedByAWaitThatWasGivenUp() throws InterruptedException {
        Conversation other = otherThatHolds();
        Watch watch = request();
        awaitWaiting();

        watch.close();
        watch.close();

        assertThat(waiters()).isEmpty();
        other.say("close");
        assertThat(other.hear()).isEqualTo("done");
        assertThat(replies).isEmpty();
        assertThat(probeFromAnotherJvm()).startsWith("Seen[");
    }

    @Test
    void canBeGivenUpInTheOtherJvmToo() throws InterruptedException {
        request();
        LaunchLock.Hold hold = held();
        Conversation other = processes.jvm("-", profile, "request");
        assertThat(other.hear()).isEqualTo("asked");

        other.say("cancel");
        assertThat(other.hear()).isEqualTo("done");
        other.say("threads");
        assertThat(other.hear()).isEqualTo("[]");
        hold.close();

        assertThat(lock().probe()).isInstanceOf(Observation.Seen.class);
    }

    @Test
    void isNotTouchedByTheEndOfAWaitThatWasOver() throws InterruptedException {
        Watch watch = request();
        LaunchLock.Hold hold = held();

        watch.close();

        assertThat(probeFromAnotherJvm()).startsWith("Absent[");
        hold.close();
    }

    @Test
    void isHadByASecondRequestOfOneJvmAfterTheFirst() throws InterruptedException {
        request();
        LaunchLock.Hold first = held();
        request();
        awaitWaiting();
        assertThat(replies).isEmpty();

        first.close();

        held().close();
    }

    /** Record locks go when any descriptor of the file is closed. */
    @Test
    void isNotDroppedByWhatElseHappensInTheSameJvm() throws InterruptedException {
        request();
        LaunchLock.Hold first = held();

        assertThat(lock().probe()).isInstanceOf(Observation.Absent.class);
        Watch second = request();
        awaitWaiting();
        second.close();
        assertThat(lock().probe()).isInstanceOf(Observation.Absent.class);

        assertThat(probeFromAnotherJvm()).startsWith("Absent[");
        first.close();
        first.close();
        assertThat(probeFromAnotherJvm()).startsWith("Seen[");
    }

    @Test
    void isNotReleasedBySecondCloseOfAnEarlierHold() throws InterruptedException {
        request();
        LaunchLock.Hold first = held();
        first.close();
        request();
        LaunchLock.Hold second = held();

        first.close();

        assertThat(probeFromAnotherJvm()).startsWith("Absent[");
        second.close();
    }

    @Test
    void isNotHadOnAFileThatWasReplacedDuringTheWait() throws Exception {
        request();
        LaunchLock.Hold first = held();
        request();
        awaitWaiting();

        Files.delete(file);
        Files.createFile(file);
        first.close();

        assertAnotherWasAtWork("replaced");
        assertThat(lock().probe()).isInstanceOf(Observation.Seen.class);
    }

    @Test
    void changesNothingOnDiskWhenItIsProbed() {
        assertThat(lock().probe()).isInstanceOf(Observation.Seen.class);
        assertThat(profile).isEmptyDirectory();

        profile = folder.resolve("missing");
        assertThat(lock().probe()).isInstanceOf(Observation.Seen.class);
        assertThat(profile).doesNotExist();
    }

    @Tag("H12")
    @Test
    void doesNotKnowALockThatIsALinkOrADirectory() throws Exception {
        Path elsewhere = Files.createFile(folder.resolve("elsewhere"));
        Files.createSymbolicLink(file, elsewhere);
        assertThat(lock().probe()).isInstanceOf(Observation.Unknown.class);
        request();
        assertRefused("not a regular file", "rm -- '" + file + "'");

        Files.delete(file);
        Files.createDirectory(file);
        assertThat(lock().probe()).isInstanceOf(Observation.Unknown.class);
        request();
        assertRefused("not a regular file", "rm -r -- '" + file + "'");
    }

    @Tag("H12")
    @Test
    void createsNothingThroughALinkThatLeadsNowhere() throws Exception {
        Files.createSymbolicLink(file, folder.resolve("nowhere"));
        request();

        assertRefused("not a regular file", "rm -- '" + file + "'");
        assertThat(Files.exists(folder.resolve("nowhere"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Tag("H12")
    @Test
    void doesNotKnowALockInAProfileThatIsAFile() throws Exception {
        profile = Files.createFile(folder.resolve("file"));
        request();

        assertRefused("cannot be used");
    }

    @Tag("H12")
    @Tag("H39")
    @Test
    @Needs(Need.ROOT)
    void doesNotKnowALockThatItMayNotCreateOrOpen() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("r-xr-xr-x"));
        // No file for it can be made: the directory itself is locked.
        Conversation other = processes.jvm(65534, profile, "request");
        assertThat(other.hear()).isEqualTo("held");
        assertThat(processes.jvm(65534, profile, "request").hear())
                .startsWith("Absent[")
                .contains("permission denied", "another process keeps the life lock");
        other.process().destroyForcibly();

        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        assertThat(processes.jvm(65534, profile, "probe").hear())
                .startsWith("Unknown[")
                .contains("permission denied");
    }

    @Tag("H45")
    @Test
    @Needs(Need.ROOT)
    void namesAFileThatAStartAsAnotherUserHasLeft() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setAttribute(profile, "unix:uid", 65534);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));

        assertThat(processes.jvm(65534, profile, "probe").hear())
                .startsWith("Unknown[")
                .contains(file + " cannot be used: permission denied, it belongs to root");
    }

    @Tag("H45")
    @Test
    void isKeptFromThisUserByWhatIsNoFileOfItsOwn() throws Exception {
        assertThat(lock().obstacle()).isEmpty();
        Files.createFile(file);
        assertThat(lock().obstacle()).isEmpty();
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(lock().obstacle()).contains(file);
    }

    /** fcntl(2) gives EDEADLK to one of two processes that each wait for what the other has. */
    @Tag("H33")
    @Test
    void isAnotherLaunchersWhereTheKernelRefusesToWaitForIt() throws Exception {
        Path crossed = Files.createDirectory(folder.resolve("crossed"));
        lock(crossed).request(replies::add);
        LaunchLock.Hold crossedHold = held();
        Conversation other = otherThatHolds();
        other.say("also " + crossed);
        assertThat(other.hear()).isEqualTo("asked");
        awaitBlockedLock(other.process().pid());

        request();

        assertAnotherWasAtWork("deadlock");
        crossedHold.close();
    }

    @Tag("H33")
    @Test
    void isHadAlthoughNobodyKeepsAReferenceToIt() {
        Conversation other = processes.jvm("-", profile, "request-and-forget");
        assertThat(other.hear()).isEqualTo("held");
        assertThat(other.hear()).isEqualTo("collected");

        assertThat(lock().probe()).isInstanceOf(Observation.Absent.class);
    }

    /** As an application does that copies its own profile: fcntl(2) says that the kernel drops the lock then. */
    @Tag("H32")
    @Test
    void isAnotherLaunchersThoughTheKernelHasDroppedIt() throws Exception {
        Conversation other = otherThatHolds();
        other.say("read " + file);
        assertThat(other.hear()).isEqualTo("done");

        assertThat(lock().probe().shortfall())
                .contains("process " + other.process().pid());
        request();
        assertRefused("process %d has the launch lock, which the kernel has dropped"
                .formatted(other.process().pid()));

        other.say("close");
        assertThat(other.hear()).isEqualTo("done");
        request();
        held().close();
    }

    @Tag("H32")
    @Test
    void isNobodysOnceItsOwnerIsKilledWhateverTheFileSays() throws Exception {
        Conversation other = otherThatHolds();
        other.say("read " + file);
        assertThat(other.hear()).isEqualTo("done");
        other.process().destroyForcibly();
        other.process().waitFor();

        request();
        held().close();
    }

    /** As somebody does who restores a copy of the profile. */
    @Tag("H32")
    @Test
    void isAnotherLaunchersThoughACopyOfItsFileHasTakenItsPlace() throws Exception {
        Conversation other = otherThatHolds();
        Path copy = Files.copy(file, folder.resolve("copy"));
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);

        request();
        assertRefused("process %d has the launch lock".formatted(other.process().pid()));

        other.say("close");
        assertThat(other.hear()).isEqualTo("done");
        request();
        held().close();
    }

    @Tag("H32")
    @Test
    void isAnotherLaunchersThoughItsFileWasDeleted() throws Exception {
        Conversation other = otherThatHolds();
        Files.delete(file);

        for (int launch = 0; launch < 2; launch++) {
            request();
            assertRefused("process %d has the launch lock, whose file was deleted"
                    .formatted(other.process().pid()));
        }
        assertThat(file).doesNotExist();

        other.say("close");
        assertThat(other.hear()).isEqualTo("done");
        request();
        held().close();
    }

    /** Written by whoever has it, by nobody who only asks; what else is in the file is nobody's name. */
    @Tag("H32")
    @ParameterizedTest
    @ValueSource(strings = {"", "rubbish", "a b c 1 2", "\0\0\0"})
    void isHadWhateverNobodyHasWrittenIntoItsFile(String content) throws Exception {
        Files.writeString(file, content.repeat(3));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(lock().probe()).isInstanceOf(Observation.Seen.class);
        assertThat(file).hasContent(content.repeat(3));

        request();
        LaunchLock.Hold hold = held();
        assertThat(Files.readString(file))
                .endsWith(" " + ProcessHandle.current().pid());
        hold.close();
    }

    /** A line of the kernel's list of locks with an arrow is of a process that waits. */
    private static void awaitBlockedLock(long pid) {
        await().until(() -> Files.readAllLines(Path.of("/proc/locks")).stream()
                .anyMatch(line -> line.contains("->") && line.contains(" " + pid + " ")));
    }

    private LaunchLock lock() {
        return lock(profile);
    }

    private static LaunchLock lock(Path profile) {
        return new LinuxPlatform().open(profile).launchLock();
    }

    /** As where it is frozen: a write ends when it is thawed, and neither an interrupt nor a signal ends it before. */
    @Test
    @Tag("H43")
    void waitsForNoFileSystemThatDoesNotAnswer() throws Exception {
        CompletableFuture<Void> thawed = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        Owners frozen = new Owners() {
            @Override
            public String self() {
                asked.countDown();
                thawed.join();
                return "";
            }
        };
        Watch watch = new KernelLaunchLock(
                        profile, frozen, () -> Observation.unknown("not asked for"), Duration.ofMillis(100))
                .request(replies::add);
        asked.await();
        assertThat(replies).isEmpty();

        watch.close();
        watch.close();

        assertThat(replies)
                .singleElement()
                .satisfies(reply ->
                        assertThat(reply.shortfall()).endsWith("cannot be written: its file system does not answer"));
        assertThat(lock().probe()).isInstanceOf(Observation.Absent.class);
        thawed.complete(null);
        await().until(() -> lock().probe() instanceof Observation.Seen);
        assertThat(replies).hasSize(1);
    }

    /** As on a disk that is busy: the name is written, but takes its time. */
    @Test
    @Tag("H43")
    void waitsForABusyFileSystem() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        Owners slow = new Owners() {
            @Override
            public String self() {
                asked.countDown();
                try {
                    written.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return "";
            }
        };
        Watch watch =
                new KernelLaunchLock(profile, slow, () -> Observation.unknown("not asked for")).request(replies::add);
        asked.await();
        Thread givesUp = new Thread(watch::close);
        givesUp.start();
        await().until(() -> givesUp.getState() == Thread.State.TIMED_WAITING);

        written.countDown();

        givesUp.join();
        held().close();
    }

    /** The kernel lets go of the locks of a process that is killed before its end can be seen. */
    @Test
    @Tag("H32")
    void waitsForTheEndOfAnOwnerThatHasJustLetGo() throws Exception {
        Process owner = new ProcessBuilder("sleep", "60").start();
        AtomicInteger asked = new AtomicInteger();
        Owners dying = new Owners() {
            @Override
            public Optional<Long> alive(String name, Path file, Object key) {
                owner.destroyForcibly();
                return asked.getAndIncrement() == 0 ? Optional.of(owner.pid()) : Optional.empty();
            }
        };
        new KernelLaunchLock(profile, dying, () -> Observation.unknown("not asked for")).request(replies::add);

        held().close();
    }

    @Test
    @Tag("H32")
    void leavesTheNameOfAnOwnerThatIsFoundOnlyOnceTheLockIsNotWantedAnyMore() throws Exception {
        Path file = Files.writeString(profile.resolve(KernelLaunchLock.FILE_NAME), "the owner");
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<Optional<Long>> answer = new CompletableFuture<>();
        Owners slow = new Owners() {
            @Override
            public String self() {
                return "another";
            }

            @Override
            public Optional<Long> alive(String name, Path of, Object key) {
                asked.countDown();
                return answer.join();
            }
        };
        Watch watch = new KernelLaunchLock(
                        profile, slow, () -> Observation.unknown("not asked for"), Duration.ofMillis(100))
                .request(replies::add);
        asked.await();
        watch.close();

        answer.complete(Optional.of(ProcessHandle.current().pid()));

        await().until(() -> waiters().isEmpty());
        assertThat(file).hasContent("the owner");
        assertThat(replies).singleElement().isInstanceOf(Observation.Absent.class);
    }

    @Test
    @Tag("H32")
    void isNotHadBesideAnOwnerThatDoesNotEnd() throws Exception {
        Process owner = new ProcessBuilder("sleep", "60").start();
        try {
            Owners alive = new Owners() {
                @Override
                public Optional<Long> alive(String name, Path file, Object key) {
                    return Optional.of(owner.pid());
                }
            };
            new KernelLaunchLock(profile, alive, () -> Observation.unknown("not asked for")).request(replies::add);

            assertAnotherWasAtWork("process " + owner.pid() + " has the launch lock");
        } finally {
            owner.destroyForcibly().waitFor();
        }
    }

    private static class Owners implements LaunchLockOwners {
        @Override
        public String self() {
            return "";
        }

        @Override
        public Optional<Long> alive(String name, Path file, Object key) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> living(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> ofDeleted(Path file) {
            return Optional.empty();
        }
    }

    private Watch request() {
        return lock().request(replies::add);
    }

    private LaunchLock.Hold held() throws InterruptedException {
        Observation<LaunchLock.Hold> reply = replies.poll(20, TimeUnit.SECONDS);
        assertThat(reply).isInstanceOf(Observation.Seen.class);
        return reply.toOptional().orElseThrow();
    }

    /** No permit without it. */
    private void assertRefused(String... reasons) throws InterruptedException {
        assertThat(replies.poll(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Observation.Absent.class,
                        refused -> assertThat(refused.detail().toString()).contains(reasons));
    }

    private void assertAnotherWasAtWork(String reason) throws InterruptedException {
        assertThat(replies.poll(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Observation.Absent.class,
                        absent -> assertThat(absent.shortfall().toLowerCase(Locale.ROOT))
                                .contains("another launcher", reason));
    }

    private Conversation otherThatHolds() {
        Conversation other = processes.jvm("-", profile, "request");
        // The reply comes on a thread of its own.
        assertThat(List.of(other.hear(), other.hear())).containsExactlyInAnyOrder("held", "asked");
        return other;
    }

    private String probeFromAnotherJvm() {
        return processes.jvm("-", profile, "probe").hear();
    }

    /** Waits until the waiting thread waits in the kernel, or for its turn in this JVM. */
    private static void awaitWaiting() {
        await().until(() -> waiters().stream()
                .flatMap(waiter -> List.of(waiter.getStackTrace()).stream())
                .anyMatch(frame -> frame.getMethodName().equals("lock0")
                        || frame.getMethodName().equals("park")));
    }

    private static List<Thread> waiters() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("relaunch-guard-launch-lock"))
                .toList();
    }
}
