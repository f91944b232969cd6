package io.relaunchguard.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A permitted application that hears of its second starts, over a real socket. */
@Tag("H29")
class SecondStartTest {

    private static final SecondStart START = new SecondStart(List.of("--open", "this"), "/home/me");
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path profile;

    @AfterEach
    void reset() {
        WorldPlatform.reset();
    }

    @Test
    void aPermittedApplicationHearsOfItAndStillDoesWhenItsPermitIsClosed() throws IOException {
        List<SecondStart> heard = new CopyOnWriteArrayList<>();
        LaunchPermit permit = permit();
        Watch listening = permit.receiveSecondStarts(heard::add);
        permit.close();
        assertThat(guard().handOver(START, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(heard).containsExactly(START);

        listening.close();
        assertThat(guard().handOver(START, LONG)).isInstanceOf(HandOver.Nobody.class);
    }

    @Test
    @Tag("H07")
    void nobodyButTheInstanceThatHasTheLaunchLockMayListen() {
        LaunchPermit closed = permit();
        closed.close();
        assertThatThrownBy(() -> closed.receiveSecondStarts(start -> {})).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> LaunchPermit.inert().receiveSecondStarts(start -> {}))
                .isInstanceOf(IOException.class);
        assertThat(profile).isEmptyDirectory();
    }

    @Test
    void whatTheApplicationCannotDealWithIsRefused() throws IOException {
        try (LaunchPermit permit = permit();
                Watch listening = permit.receiveSecondStarts(start -> {
                    throw new IllegalStateException("there is no window");
                })) {
            assertThat(guard().handOver(START, LONG)).isInstanceOf(HandOver.Refused.class);
            assertThat(listening).isNotNull();
        }
    }

    @Test
    void oneThatHangsKeepsSomeWaitingAndRefusesTheRest() throws InterruptedException {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch going = new CountDownLatch(1);
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        try (SecondStartQueue queue = new SecondStartQueue(start -> {
            hanging.countDown();
            await(going);
        })) {
            queue.received(START, answers::add);
            await(hanging);
            for (int i = 0; i < SecondStartQueue.MOST_WAITING; i++) {
                queue.received(START, answers::add);
            }
            assertThat(answers).isEmpty();
            queue.received(START, answers::add);
            assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(Answer.REFUSED);
            going.countDown();
            for (int i = 0; i < 1 + SecondStartQueue.MOST_WAITING; i++) {
                assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(Answer.ACCEPTED);
            }
        }
    }

    private LaunchPermit permit() {
        WorldPlatform.put(profile, new World());
        return guard().launch().permitOrThrow();
    }

    private LaunchGuard guard() {
        return LaunchGuard.forProfile(profile);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
