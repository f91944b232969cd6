package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.Desktop;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort.Asker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An update in between: one side is of the first version, which knows format 1 alone. Its side is the very bytes that it wrote, and
 * what it did with those that it read.
 */
@Tag("H29")
class OldVersionsTest {

    /** What the first version sent for these arguments in this directory. */
    private static final byte[] OLD_REQUEST = HexFormat.of()
            .parseHex(
                    "5247533100000028000000082f686f6d652fc3bc00000002000000062d2d6f70656e0000000ac3bcf09d849e2e747874");

    private static final SecondStart START = new SecondStart(List.of("--open", "ü𝄞.txt"), "/home/ü");
    private static final Patience LONG = Patience.forAnswer(Duration.ofSeconds(20));

    private final SocketSecondStarts port = new SocketSecondStarts();
    private final Application application = new Application();
    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path profile;

    private Path socket;

    @BeforeEach
    void nameTheSocket() {
        socket = profile.resolve(SocketDirectory.NAME).resolve("socket");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void anOldAskerIsAnsweredInItsOwnWay() throws IOException {
        assertThat(oldAskerHears(asker -> asker.answer(Reply.of(Answer.ACCEPTED))))
                .isEqualTo("RA");
        assertThat(application.starts).containsExactly(START);
        assertThat(oldAskerHears(asker -> asker.answer(Reply.of(Answer.REFUSED, "no window"))))
                .isEqualTo("RN");
        assertThat(oldAskerHears(asker -> asker.answer(Reply.of(Answer.ELSEWHERE, "on :1"))))
                .isEqualTo("RN");
        assertThat(oldAskerHears(asker -> asker.answer(Reply.of(Answer.CLOSING))))
                .isEqualTo("RN");
    }

    /** It would take silence for a hang, after five seconds by default, and offer to end who is starting. */
    @Test
    @Tag("H38")
    void anOldAskerIsRefusedBeforeItTakesAStartForAHang() throws IOException {
        long began = System.nanoTime();
        assertThat(oldAskerHears(asker -> asker.answer(Reply.of(Answer.STARTING))))
                .isEqualTo("RN");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofSeconds(3), Duration.ofMillis(4900));
    }

    @Test
    void anOldInstanceHearsWhatItUnderstands() throws Exception {
        SecondStart more = new SecondStart(
                START.arguments(),
                START.workingDirectory(),
                Desktop.of(Map.of("DISPLAY", ":7")),
                Map.of("version", "2"));
        CompletableFuture<Optional<byte[]>> heard = oldInstance("RA");
        assertThat(port.handOver(profile, more, LONG, answer -> {})).isEqualTo(new HandOver.Accepted());
        assertThat(heard.join()).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(OLD_REQUEST));
    }

    @Test
    void anOldInstanceThatRefusesOrHangsIsUnderstood() throws Exception {
        var refusing = oldInstance("RN");
        assertThat(port.handOver(profile, START, LONG, answer -> {})).isInstanceOf(HandOver.Refused.class);
        var deaf = oldInstance("N");
        assertThat(port.handOver(profile, START, LONG, answer -> {})).isInstanceOf(HandOver.Refused.class);
        var hanging = oldInstance("R");
        assertThat(port.handOver(profile, START, Patience.forAnswer(Duration.ofMillis(300)), answer -> {}))
                .isEqualTo(new HandOver.Unanswered(true, socket, "the time for its answer is over"));
        for (var heard : List.of(refusing, deaf, hanging)) {
            assertThat(heard.join())
                    .hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(OLD_REQUEST));
        }
    }

    /** What the first version did: it read one request, of format 1 or none, and answered with a byte at a time. */
    private CompletableFuture<Optional<byte[]>> oldInstance(String answers) throws IOException {
        Files.createDirectories(
                profile.resolve(SocketDirectory.NAME),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(server);
        server.bind(UnixDomainSocketAddress.of(socket), 8);
        CompletableFuture<Optional<byte[]>> heard = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    SocketChannel channel = server.accept();
                    open.add(channel);
                    byte[] request = read(channel);
                    boolean isKnown = new String(request, 0, 4, StandardCharsets.US_ASCII).equals("RGS1");
                    for (byte answer : (isKnown ? answers : "N").getBytes(StandardCharsets.US_ASCII)) {
                        channel.write(ByteBuffer.wrap(new byte[] {answer}));
                    }
                    if (!isKnown || !answers.equals("R")) {
                        channel.close();
                    }
                    if (isKnown) {
                        heard.complete(Optional.of(request));
                    }
                }
            } catch (IOException e) {
                heard.complete(Optional.empty());
            }
        });
        thread.setDaemon(true);
        thread.start();
        return heard;
    }

    private static byte[] read(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        while (bytes.position() < 8 || bytes.position() < 8 + bytes.getInt(4)) {
            if (channel.read(bytes) < 0) {
                throw new IOException("it has gone");
            }
            if (bytes.position() >= 4 && bytes.getInt(0) != 0x52475331) {
                break;
            }
        }
        byte[] read = new byte[bytes.position()];
        bytes.flip().get(read);
        return read;
    }

    private String oldAskerHears(Consumer<Asker> answering) throws IOException {
        application.answering = answering;
        try (var listening = port.listen(profile, application);
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(OLD_REQUEST));
            ByteArrayOutputStream heard = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(heard);
            assertThat(listening).isNotNull();
            return heard.toString(StandardCharsets.US_ASCII);
        }
    }
}
