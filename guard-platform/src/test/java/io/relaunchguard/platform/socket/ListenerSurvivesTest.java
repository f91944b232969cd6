package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartPort.Listening;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.platform.linux.LinuxPlatform;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong for a while does not end the listening, and is told once. */
@Tag("H29")
@Tag("H39")
class ListenerSurvivesTest {

    private static final SecondStart START = new SecondStart(List.of("a"), "/");
    private static final Patience LONG = Patience.forAnswer(Duration.ofSeconds(30));
    private static final int STORM = 1000;

    private final Application application = new Application();

    @RegisterExtension
    private final StartedProcesses processes = new StartedProcesses();

    @TempDir
    private Path profile;

    private Path socket;

    @BeforeEach
    void nameTheSocket() {
        socket = profile.resolve(SocketDirectory.NAME).resolve("socket");
    }

    @Test
    void noDescriptorsForAWhile() {
        Conversation listener = processes.jvm(
                TalkingJvm.class, List.of("sh", "-c", "ulimit -n 100; exec \"$0\" \"$@\""), Map.of(), profile);
        listener.say("listen");
        assertThat(listener.hear()).isEqualTo("SecondStartServer");
        SocketSecondStarts port = new SocketSecondStarts();
        assertThat(port.handOver(profile, START, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());

        listener.say("exhaust");
        assertThat(listener.hear()).isEqualTo("NotAsked true");
        assertThat(port.handOver(profile, START, Patience.forAnswer(Duration.ofMillis(2500)), answer -> {}))
                .isEqualTo(new HandOver.Unanswered(false, socket, "the time for its answer is over"));
        listener.say("free");
        assertThat(listener.hear()).isEqualTo("freed");

        assertThat(port.handOver(profile, START, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());
        listener.say("troubles");
        assertThat(listener.hear()).as("troubles that were told, and failures").isEqualTo("1 0");
        listener.end();
    }

    /** The kernel lets its user, or its container, have no more: for Java that is an error, not an exception. */
    @Test
    @Needs(Need.OTHER_USER)
    void noThreadsForAWhile() throws IOException {
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rwxrwxrwx"));
        Conversation listener =
                processes.jvm(TalkingJvm.class, List.of(), Map.of("JDK_JAVA_OPTIONS", "-Xlog:disable"), profile);
        listener.say("listen");
        assertThat(listener.hear()).isEqualTo("SecondStartServer");
        listener.say("become 54321");
        assertThat(listener.hear()).isEqualTo("Accepted");
        Files.delete(socket);
        Files.delete(socket.getParent());
        listener.say("listen");
        assertThat(listener.hear()).isEqualTo("SecondStartServer");

        StartedProcesses.limitThreads(listener.process(), 54321, 1);
        assertThat(strangerHears()).contains("REFUSED", "its user cannot be read: java.lang.OutOfMemoryError");
        StartedProcesses.limitThreads(listener.process(), 54321, 1000);

        assertThat(strangerHears()).contains("REFUSED", "it comes from another user");
        listener.say("troubles");
        assertThat(listener.hear()).as("troubles that were told, and failures").isEqualTo("0 0");
        listener.end();
    }

    /** What is answered to root, who is another user there. */
    private String strangerHears() throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(SecondStartCodec.encode(START).orElseThrow()));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aUserDatabaseThatDoesNotAnswerForAWhile() throws IOException {
        AtomicBoolean hangs = new AtomicBoolean(true);
        CountDownLatch over = new CountDownLatch(1);
        SocketSecondStarts slow = new SocketSecondStarts(channel -> {
            if (hangs.get()) {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return Peer.isThisUser(channel);
        });
        SocketSecondStarts port = new SocketSecondStarts();
        try (Listening listening = slow.listen(profile, application)) {
            assertThat(port.handOver(profile, START, LONG, answer -> {}))
                    .isEqualTo(new HandOver.Refused("the user database does not answer"));
            assertThat(application.starts).isEmpty();
            hangs.set(false);
            over.countDown();
            assertThat(port.handOver(profile, START, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());
            assertThat(listening).isNotNull();
        }
        assertThat(application.failures).isEmpty();
    }

    /** Whoever asked and went away has told its person that nothing came of it. */
    @Test
    void whoeverWentAwayWaitsNoLonger() throws IOException {
        List<io.relaunchguard.core.secondstart.SecondStartPort.Asker> askers = new ArrayList<>();
        application.answering = askers::add;
        SocketSecondStarts port = new SocketSecondStarts();
        try (Listening listening = port.listen(profile, application)) {
            assertThat(port.handOver(profile, START, Patience.forAnswer(Duration.ofMillis(200)), answer -> {}))
                    .isInstanceOf(HandOver.Unanswered.class);
            await().untilAsserted(() -> assertThat(askers.get(0).isWaiting()).isFalse());
            askers.get(0).answer(Reply.of(Answer.ACCEPTED));
            application.answering = asker -> asker.answer(Reply.of(Answer.ACCEPTED));
            assertThat(port.handOver(profile, START, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());
            assertThat(listening).isNotNull();
        }
    }

    @Test
    void aRudeClient() throws IOException {
        SocketSecondStarts port = new SocketSecondStarts();
        try (Listening listening = port.listen(profile, application)) {
            for (int i = 0; i < 100; i++) {
                try (SocketChannel rude = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                    rude.write(ByteBuffer.wrap(new byte[i]));
                }
            }
            assertThat(port.handOver(profile, START, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());
            assertThat(listening).isNotNull();
        }
        assertThat(application.starts).hasSize(1);
        assertThat(application.troubles).isEmpty();
        assertThat(application.failures).isEmpty();
    }

    @Test
    void aStormOfSecondStarts() throws Exception {
        SocketSecondStarts port = new SocketSecondStarts();
        long descriptors;
        ExecutorService storm = Executors.newFixedThreadPool(100);
        try (Listening listening = port.listen(profile, application)) {
            assertThat(port.handOver(profile, START, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());
            descriptors = descriptors();
            List<Future<HandOver>> answers = new ArrayList<>();
            for (int i = 0; i < STORM; i++) {
                answers.add(storm.submit(() -> port.handOver(profile, START, LONG, answer -> {})));
            }
            for (Future<HandOver> answer : answers) {
                assertThat(answer.get()).isEqualTo(new HandOver.Accepted());
            }
            await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(descriptors));
            assertThat(listening).isNotNull();
        } finally {
            storm.shutdownNow();
        }
        assertThat(application.starts).hasSize(1 + STORM);
        assertThat(application.troubles).isEmpty();
        assertThat(application.failures).isEmpty();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("relaunch-guard")));
    }

    /** The kernel's word, by which a person may be asked about a process that is silent. */
    @Test
    @Tag("H38")
    void theListenersProcessIsKnownWhateverTheLengthOfItsPath(@TempDir Path other) throws IOException {
        Path deep = Files.createDirectories(other.resolve("d".repeat(120)));
        Conversation listener = processes.jvm(TalkingJvm.class, List.of(), Map.of(), deep);
        listener.say("listen");
        assertThat(listener.hear()).isEqualTo("SecondStartServer");
        var table = new LinuxPlatform().open(deep).processes();
        Path there = deep.resolve(SocketDirectory.NAME).resolve("socket");
        assertThat(table.listener(there))
                .isEqualTo(Observation.seen(listener.process().pid()));
        listener.end();
        assertThat(listener.rest()).isEmpty();
        assertThat(table.listener(there)).isInstanceOf(Observation.Unknown.class);
        assertThat(table.listener(socket)).isInstanceOf(Observation.Unknown.class);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
