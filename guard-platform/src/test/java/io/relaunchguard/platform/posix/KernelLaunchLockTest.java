package io.relaunchguard.platform.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

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
        assertUnknown("not a regular file");

        Files.delete(file);
        Files.createDirectory(file);
        assertThat(lock().probe()).isInstanceOf(Observation.Unknown.class);
        request();
        assertUnknown("not a regular file");
    }

    @Tag("H12")
    @Test
    void createsNothingThroughALinkThatLeadsNowhere() throws Exception {
        Files.createSymbolicLink(file, folder.resolve("nowhere"));
        request();

        assertUnknown("not a regular file");
        assertThat(Files.exists(folder.resolve("nowhere"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Tag("H12")
    @Test
    void doesNotKnowALockInAProfileThatIsAFile() throws Exception {
        profile = Files.createFile(folder.resolve("file"));
        request();

        assertThat(replies.take()).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H12")
    @Test
    @Needs(Need.ROOT)
    void doesNotKnowALockThatItMayNotCreateOrOpen() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("r-xr-xr-x"));
        assertThat(processes.jvm(65534, profile, "request").hear())
                .startsWith("Unknown[")
                .contains("permission denied");

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
        new KernelLaunchLock(crossed).request(replies::add);
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

    /** A line of the kernel's list of locks with an arrow is of a process that waits. */
    private static void awaitBlockedLock(long pid) {
        await().until(() -> Files.readAllLines(Path.of("/proc/locks")).stream()
                .anyMatch(line -> line.contains("->") && line.contains(" " + pid + " ")));
    }

    private KernelLaunchLock lock() {
        return new KernelLaunchLock(profile);
    }

    private Watch request() {
        return lock().request(replies::add);
    }

    private LaunchLock.Hold held() throws InterruptedException {
        Observation<LaunchLock.Hold> reply = replies.poll(20, TimeUnit.SECONDS);
        assertThat(reply).isInstanceOf(Observation.Seen.class);
        return reply.toOptional().orElseThrow();
    }

    private void assertUnknown(String reason) throws InterruptedException {
        assertThat(replies.poll(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Observation.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains(reason));
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
        assertThat(other.hear()).isEqualTo("held");
        assertThat(other.hear()).isEqualTo("asked");
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
