package io.relaunchguard.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.Desktop;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A permitted application that hears of its second starts, over a real socket. */
@Tag("H29")
class SecondStartTest {

    private static final SecondStart START = new SecondStart(List.of("--open", "this"), "/home/me");
    private static final Patience LONG = Patience.forAnswer(Duration.ofSeconds(20));

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
        assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(heard).containsExactly(START);

        listening.close();
        assertThat(ask(LONG)).isInstanceOf(HandOver.Nobody.class);
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
            assertThat(ask(LONG))
                    .isEqualTo(new HandOver.Refused(
                            "the running instance could not handle the start: there is no window"));
            assertThat(listening).isNotNull();
        }
    }

    @Test
    void anErrorOfTheApplicationIsARefusalToo() throws IOException {
        try (LaunchPermit permit = permit();
                Watch listening = permit.receiveSecondStarts(start -> {
                    throw new AssertionError("AWT is broken");
                })) {
            assertThat(ask(LONG)).isInstanceOf(HandOver.Refused.class);
            assertThat(ask(LONG)).isInstanceOf(HandOver.Refused.class);
            assertThat(listening).isNotNull();
        }
    }

    @Test
    @Tag("H21")
    @Tag("H38")
    void whileTheApplicationStartsItIsWaitedForAndWhileItClosesToo() throws IOException {
        List<SecondStart> heard = new CopyOnWriteArrayList<>();
        List<Answer> answers = new CopyOnWriteArrayList<>();
        try (LaunchPermit permit = permit();
                SecondStartListening listening = permit.receiveSecondStarts()) {
            assertThat(ask(LONG)).isEqualTo(new HandOver.Starting());
            Patience waiting = new Patience(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMillis(100));
            HandOver result = guard().handOver(START, waiting, answer -> {
                answers.add(answer);
                if (answer == Answer.STARTING) {
                    listening.deliverTo(heard::add);
                }
            });
            assertThat(result).isEqualTo(new HandOver.Accepted());
            // Not the first: that gave up, and its person knows.
            assertThat(heard).containsExactly(START);
            assertThat(answers).containsExactly(Answer.RECEIVED, Answer.STARTING, Answer.RECEIVED);

            listening.closing(Duration.ofSeconds(20));
            assertThat(guard().handOver(START, waiting, answer -> {})).isEqualTo(new HandOver.Closing(false));
            assertThat(heard).containsExactly(START);
        }
    }

    @Test
    void whileTheApplicationStartsAgainItIsWaitedForToo() throws IOException {
        List<SecondStart> heard = new CopyOnWriteArrayList<>();
        try (LaunchPermit permit = permit();
                SecondStartListening listening = permit.receiveSecondStarts(start -> {
                    throw new IllegalStateException("its context is closed");
                })) {
            listening.startAgain();
            Patience waiting = new Patience(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMillis(100));
            HandOver result = guard().handOver(START, waiting, answer -> {
                if (answer == Answer.STARTING) {
                    listening.deliverTo(heard::add);
                }
            });
            assertThat(result).isEqualTo(new HandOver.Accepted());
            assertThat(heard).containsExactly(START);
        }
    }

    @Test
    @Tag("H21")
    void whatWouldNotBeSeenIsNotDone() {
        List<SecondStart> heard = new CopyOnWriteArrayList<>();
        try (SecondStartQueue queue = new SecondStartQueue(Desktop.of(Map.of("DISPLAY", ":1")))) {
            queue.deliverTo(heard::add);
            assertThat(lastAnswer(queue, Desktop.of(Map.of("DISPLAY", ":0"))))
                    .isEqualTo(Reply.of(Answer.ELSEWHERE, "it runs on display :1"));
            assertThat(heard).isEmpty();
            assertThat(lastAnswer(queue, Desktop.of(Map.of("DISPLAY", ":1.0"))).answer())
                    .isEqualTo(Answer.ACCEPTED);
            assertThat(lastAnswer(queue, Desktop.NONE).answer()).isEqualTo(Answer.ACCEPTED);
            assertThat(heard).hasSize(2);
        }
    }

    @Test
    void oneThatHangsKeepsSomeWaitingAndRefusesTheRest() throws InterruptedException {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch going = new CountDownLatch(1);
        Waiting waiting = new Waiting();
        try (SecondStartQueue queue = new SecondStartQueue(Desktop.NONE)) {
            queue.deliverTo(start -> {
                hanging.countDown();
                await(going);
            });
            queue.received(START, waiting);
            await(hanging);
            for (int i = 0; i < SecondStartQueue.MOST_WAITING; i++) {
                queue.received(START, waiting);
            }
            assertThat(waiting.next().answer()).isEqualTo(Answer.RECEIVED);
            assertThat(waiting.replies).isEmpty();
            queue.received(START, waiting);
            assertThat(waiting.next())
                    .isEqualTo(Reply.of(Answer.REFUSED, "8 others wait for the running instance already"));
            going.countDown();
            for (int i = 0; i < 1 + SecondStartQueue.MOST_WAITING; i++) {
                assertThat(waiting.last().answer()).isEqualTo(Answer.ACCEPTED);
            }
        }
    }

    @Test
    void asManyMayWaitForItsStart() throws InterruptedException {
        Waiting waiting = new Waiting();
        try (SecondStartQueue queue = new SecondStartQueue(Desktop.NONE)) {
            for (int i = 0; i < SecondStartQueue.MOST_WAITING; i++) {
                queue.received(START, waiting);
                assertThat(waiting.next()).isEqualTo(Reply.of(Answer.STARTING));
            }
            queue.received(START, waiting);
            assertThat(waiting.next().answer()).isEqualTo(Answer.REFUSED);
            queue.closing();
            for (int i = 0; i < SecondStartQueue.MOST_WAITING; i++) {
                assertThat(waiting.next()).isEqualTo(Reply.of(Answer.CLOSING));
            }
            queue.received(START, waiting);
            assertThat(waiting.next()).isEqualTo(Reply.of(Answer.CLOSING));
        }
    }

    /** A mock, because here the kernel starts as many threads as it is asked for. */
    @Test
    @Tag("H39")
    void oneForWhomNoThreadCanBeStartedIsRefusedAndTheNextIsServed() throws InterruptedException {
        AtomicBoolean isFull = new AtomicBoolean(true);
        List<SecondStart> heard = new CopyOnWriteArrayList<>();
        Waiting waiting = new Waiting();
        // Not by a thread whose start is overridden: the pools of JDK 21 and later do not call that.
        try (SecondStartQueue queue = new SecondStartQueue(Desktop.NONE, work -> {
            if (isFull.get()) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return new Thread(work);
        })) {
            queue.received(START, waiting);
            assertThat(waiting.next().answer()).isEqualTo(Answer.STARTING);
            queue.deliverTo(heard::add);
            assertThat(waiting.next())
                    .isEqualTo(Reply.of(
                            Answer.REFUSED,
                            "the running instance cannot receive the start: unable to create native thread"));
            waiting.isWaiting = false;
            isFull.set(false);
            assertThat(lastAnswer(queue, Desktop.NONE).answer()).isEqualTo(Answer.ACCEPTED);
        }
        assertThat(heard).hasSize(1);
    }

    /** Of a real application: one is dealt with at a time, and the others wait or are refused with the reason. */
    @Test
    @Tag("H39")
    void aStormOfSecondStartsIsAnsweredOrRefusedWithTheReason() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        ExecutorService storm = Executors.newFixedThreadPool(100);
        List<Future<HandOver>> answers = new ArrayList<>();
        try (LaunchPermit permit = permit();
                Watch listening = permit.receiveSecondStarts(start -> heard.incrementAndGet())) {
            assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
            for (int i = 0; i < 1000; i++) {
                answers.add(storm.submit(() -> ask(Patience.forAnswer(Duration.ofSeconds(60)))));
            }
            int accepted = 0;
            for (Future<HandOver> answer : answers) {
                if (answer.get() instanceof HandOver.Accepted) {
                    accepted++;
                } else {
                    // The latter if its request took more than two seconds to arrive, as it may on a busy machine.
                    assertThat(answer.get())
                            .isIn(
                                    new HandOver.Refused("8 others wait for the running instance already"),
                                    new HandOver.Refused("the running instance does not accept it"));
                }
            }
            assertThat(heard).hasValue(1 + accepted).hasPositiveValue();
            assertThat(listening).isNotNull();
        } finally {
            storm.shutdownNow();
        }
    }

    @Test
    void whoeverWentAwayIsNotServed() throws InterruptedException {
        List<SecondStart> heard = new CopyOnWriteArrayList<>();
        Waiting gone = new Waiting();
        gone.isWaiting = false;
        try (SecondStartQueue queue = new SecondStartQueue(Desktop.NONE)) {
            queue.received(START, gone);
            queue.deliverTo(heard::add);
            assertThat(lastAnswer(queue, Desktop.NONE).answer()).isEqualTo(Answer.ACCEPTED);
        }
        assertThat(heard).hasSize(1);
        assertThat(gone.replies).containsExactly(Reply.of(Answer.STARTING));
    }

    /** Whoever waits for an answer. */
    private static final class Waiting implements SecondStartPort.Asker {

        final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
        volatile boolean isWaiting = true;

        @Override
        public void answer(Reply reply) {
            replies.add(reply);
        }

        @Override
        public boolean isWaiting() {
            return isWaiting;
        }

        Reply next() throws InterruptedException {
            return Objects.requireNonNull(replies.poll(10, TimeUnit.SECONDS));
        }

        Reply last() throws InterruptedException {
            Reply reply = next();
            while (!reply.answer().isLast()) {
                reply = next();
            }
            return reply;
        }
    }

    private static Reply lastAnswer(SecondStartQueue queue, Desktop from) {
        Waiting waiting = new Waiting();
        queue.received(new SecondStart(List.of(), "/", from, Map.of()), waiting);
        try {
            return waiting.last();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HandOver ask(Patience patience) {
        return guard().handOver(START, patience, answer -> {});
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
