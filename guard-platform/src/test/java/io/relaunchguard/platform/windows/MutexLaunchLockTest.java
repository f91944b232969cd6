package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.jna.platform.win32.Kernel32;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock.Hold;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("windows")
@Tag("H07")
class MutexLaunchLockTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    @TempDir
    Path another;

    private final List<Observation<Hold>> replies = new CopyOnWriteArrayList<>();

    @AfterEach
    void release() {
        replies.forEach(reply -> reply.toOptional().ifPresent(Hold::close));
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("relaunch-guard-launch-lock");
    }

    private static MutexLaunchLock lock(Path directory) {
        return new MutexLaunchLock(directory, () -> Token.account(Kernel32.INSTANCE.GetCurrentProcess()));
    }

    private Hold hold(Path directory) {
        lock(directory).request(replies::add);
        await().until(() -> !replies.isEmpty());
        return replies.get(0).toOptional().orElseThrow();
    }

    @Test
    void isHadByOneProcessAtATime() {
        Conversation first = processes.jvm(WindowsChild.class, "request", profile);
        assertThat(first.hear()).isEqualTo("held");
        lock(profile).request(replies::add);
        assertThat(lock(profile).probe()).isInstanceOf(Observation.Absent.class);
        assertThat(replies).isEmpty();

        first.say("close");

        assertThat(first.hear()).isEqualTo("done");
        await().until(() -> !replies.isEmpty());
        assertThat(replies.get(0)).isInstanceOf(Observation.Seen.class);
    }

    @Tag("H28")
    @Test
    void isTakenOverFromAnOwnerThatWasKilled() throws InterruptedException {
        Conversation first = processes.jvm(WindowsChild.class, "request", profile);
        assertThat(first.hear()).isEqualTo("held");
        lock(profile).request(replies::add);
        assertThat(replies).isEmpty();

        first.process().destroyForcibly().waitFor();

        await().until(() -> !replies.isEmpty());
        assertThat(replies.get(0)).isInstanceOf(Observation.Seen.class);
        Conversation next = processes.jvm(WindowsChild.class, "request", profile);
        replies.get(0).toOptional().orElseThrow().close();
        assertThat(next.hear()).isEqualTo("held");
    }

    @Test
    void isNotHadTwiceByOneProcess() {
        Hold hold = hold(profile);
        List<Observation<Hold>> second = new CopyOnWriteArrayList<>();
        Watch waiting = lock(profile).request(second::add);
        assertThat(lock(profile).probe()).isInstanceOf(Observation.Absent.class);
        assertThat(second).isEmpty();

        hold.close();
        hold.close();

        await().until(() -> !second.isEmpty());
        second.get(0).toOptional().orElseThrow().close();
        waiting.close();
        assertThat(lock(profile).probe()).isInstanceOf(Observation.Seen.class);
    }

    @Test
    void isNotHadByARequestThatWasTakenBack() {
        Conversation first = processes.jvm(WindowsChild.class, "request", profile);
        assertThat(first.hear()).isEqualTo("held");
        Watch waiting = lock(profile).request(replies::add);

        waiting.close();
        waiting.close();
        first.say("close");

        assertThat(first.hear()).isEqualTo("done");
        assertThat(lock(profile).probe()).isInstanceOf(Observation.Seen.class);
        assertThat(replies).isEmpty();
    }

    @Test
    void staysWithItsHolderWhenTheRequestIsClosed() {
        Watch request = lock(profile).request(replies::add);
        await().until(() -> !replies.isEmpty());

        request.close();

        assertThat(lock(profile).probe()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void isAnotherOneForAnotherProfile() {
        hold(profile);

        assertThat(lock(another).probe()).isInstanceOf(Observation.Seen.class);
    }

    @Test
    void isTheSameUnderAnotherNameOfTheProfile() {
        hold(profile);

        assertThat(lock(profile.resolve(".").resolve("..").resolve(profile.getFileName()))
                        .probe())
                .isInstanceOf(Observation.Absent.class);
    }

    @Test
    void createsAProfileThatIsNotThereYet() {
        Path missing = profile.resolve("a").resolve("b");
        assertThat(lock(missing).probe()).isInstanceOf(Observation.Seen.class);
        assertThat(missing).doesNotExist();

        hold(missing);

        assertThat(missing).isDirectory();
    }

    @Tag("H12")
    @Test
    void cannotBeHadByNobodyKnown() {
        MutexLaunchLock lock = new MutexLaunchLock(profile, () -> Observation.unknown("no token"));

        lock.request(replies::add);

        assertThat(replies).containsExactly(Observation.unknown("no token"));
        assertThat(lock.probe()).isEqualTo(Observation.unknown("no token"));
    }
}
