package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.ReplyCodec;
import io.relaunchguard.core.secondstart.SecondStart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever listens says something, but not what is expected: it is not silent, and does not keep the start for long. */
@Tag("H29")
@Tag("H38")
@Timeout(60)
class StrangeAnswersTest {

    private static final SecondStart START = new SecondStart(List.of("a"), "/");
    private static final Patience SHORT = Patience.forAnswer(Duration.ofMillis(700));
    private static final byte[] RECEIVED = ReplyCodec.encode(Reply.of(Answer.RECEIVED));
    private static final HandOver STRANGER =
            new HandOver.Refused("the process that listens there is not an instance of this application");
    private static final HandOver UNKNOWN =
            new HandOver.Refused("its answer is of a kind that this version does not know, and no other came in time");
    private static final HandOver UNENDED = new HandOver.Refused("it began an answer and did not finish it in time");

    private final CountDownLatch over = new CountDownLatch(1);
    private final SocketSecondStarts port = new SocketSecondStarts();

    @TempDir
    private Path profile;

    private ServerSocketChannel server;

    /** What is said to whoever has connected. */
    private interface Saying {

        void to(SocketChannel channel) throws IOException, InterruptedException;
    }

    @BeforeEach
    void bind() throws IOException {
        SocketDirectory directory = new SocketDirectory(profile);
        directory.prepare();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.socket()));
    }

    @AfterEach
    void close() throws IOException {
        over.countDown();
        server.close();
    }

    @Test
    void garbage() {
        assertThat(askOneWhoSays("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(STRANGER);
    }

    @Test
    void garbageAfterItWasReceived() {
        assertThat(askOneWhoSays(RECEIVED, new byte[16])).isEqualTo(STRANGER);
    }

    @Test
    void aLengthThatIsTooLong() {
        assertThat(askOneWhoSays(ByteBuffer.allocate(8)
                        .putInt(0x47534132)
                        .putInt(Integer.MAX_VALUE)
                        .array()))
                .isEqualTo(STRANGER);
    }

    @Test
    void garbageWithoutEnd() {
        assertThat(ask(channel -> {
                    while (over.getCount() > 0) {
                        channel.write(ByteBuffer.allocate(100_000));
                    }
                }))
                .isEqualTo(STRANGER);
    }

    @Test
    void theSameAnswerWithoutEnd() {
        assertThat(ask(channel -> {
                    while (over.getCount() > 0) {
                        channel.write(ByteBuffer.wrap(RECEIVED));
                    }
                }))
                .isInstanceOfAny(HandOver.Unanswered.class, HandOver.Refused.class);
    }

    @Test
    void aReasonThatNobodyCanReadIsShortenedToOneLine() {
        byte[] refusal = ReplyCodec.encode(Reply.of(Answer.REFUSED, "no\nwindow\u001b[2J" + "x".repeat(15_000)));
        assertThat(askOneWhoSays(refusal))
                .isInstanceOfSatisfying(
                        HandOver.Refused.class,
                        refused -> assertThat(refused.reason())
                                .startsWith("no window [2Jxxx")
                                .hasSize(Exchange.MOST_TEXT + 1)
                                .endsWith("x…"));
    }

    /** A later version may have a word for "I am at work" or "I wait for a person". */
    @Test
    void anAnswerThatOnlyALaterVersionKnowsIsNoSilence() {
        byte[] later = new String(RECEIVED, StandardCharsets.ISO_8859_1)
                .replace("RECEIVED", "AT__WORK")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(later).isNotEqualTo(RECEIVED);
        assertThat(askOneWhoSays(RECEIVED, later)).isEqualTo(UNKNOWN);
    }

    @Test
    void anAnswerThatTricklesInIsNoSilence() {
        byte[] accepted = ReplyCodec.encode(Reply.of(Answer.ACCEPTED));
        assertThat(ask(channel -> {
                    channel.write(ByteBuffer.wrap(RECEIVED));
                    for (byte one : accepted) {
                        channel.write(ByteBuffer.wrap(new byte[] {one}));
                        var unused = over.await(100, TimeUnit.MILLISECONDS);
                    }
                }))
                .isEqualTo(UNENDED);
    }

    @Test
    void anAnswerThatIsNotEndedIsNoSilence() {
        byte[] accepted = ReplyCodec.encode(Reply.of(Answer.ACCEPTED));
        assertThat(askOneWhoSays(RECEIVED, Arrays.copyOf(accepted, accepted.length - 1)))
                .isEqualTo(UNENDED);
    }

    @Test
    void aConnectionThatIsClosedAtOnce() {
        assertThat(ask(SocketChannel::close))
                .isEqualTo(new HandOver.Refused("it ended the connection without an answer"));
    }

    private HandOver askOneWhoSays(byte[]... parts) {
        return ask(channel -> {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                whole.write(part);
            }
            channel.write(ByteBuffer.wrap(whole.toByteArray()));
            over.await();
        });
    }

    private HandOver ask(Saying saying) {
        Thread listener = new Thread(() -> {
            try (SocketChannel channel = server.accept()) {
                saying.to(channel);
            } catch (IOException | InterruptedException e) {
                // The start has ended, or the test.
                return;
            }
        });
        listener.setDaemon(true);
        listener.start();
        return port.handOver(profile, START, SHORT, answer -> {});
    }
}
