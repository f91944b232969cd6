package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartPort.Receiver;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Real sockets between this process and itself, and between it and a stranger. */
@Tag("H29")
class SocketSecondStartsTest {

    private static final SecondStart START = new SecondStart(List.of("--open", "ü.txt"), "/home/me");
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);

    private final SocketSecondStarts port = new SocketSecondStarts();
    private final Application application = new Application();
    private final List<AutoCloseable> open = new ArrayList<>();

    @RegisterExtension
    private final StartedProcesses processes = new StartedProcesses();

    @TempDir
    private Path profile;

    private Path directory;

    private Path socket;

    /** Takes what is received, and answers it as it is told to. */
    private static final class Application implements Receiver {

        final List<SecondStart> starts = new CopyOnWriteArrayList<>();
        final List<Exception> failures = new CopyOnWriteArrayList<>();
        volatile Consumer<Consumer<Answer>> answering = reply -> reply.accept(Answer.ACCEPTED);

        @Override
        public void received(SecondStart start, Consumer<Answer> reply) {
            starts.add(start);
            answering.accept(reply);
        }

        @Override
        public void failed(Exception cause) {
            failures.add(cause);
        }
    }

    @BeforeEach
    void nameTheFiles() {
        directory = profile.resolve(SocketDirectory.NAME);
        socket = directory.resolve("socket");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        assertThat(application.failures).isEmpty();
    }

    @Test
    void argumentsAndWorkingDirectoryReachTheRunningInstance() throws IOException {
        listen(profile);
        assertThat(port.handOver(profile, START, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(port.handOver(profile, START, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(application.starts).containsExactly(START, START);
    }

    @Test
    void theLongestStartThatCanBeSentArrives() throws IOException {
        listen(profile);
        SecondStart longest = new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES - 20)), "");
        assertThat(port.handOver(profile, longest, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(application.starts).containsExactly(longest);
        assertThat(port.handOver(profile, new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES)), ""), LONG))
                .isInstanceOf(HandOver.Refused.class);
    }

    @Test
    void aStartThatTheApplicationDoesNotTakeIsRefused() throws IOException {
        application.answering = reply -> reply.accept(Answer.REFUSED);
        listen(profile);
        assertThat(port.handOver(profile, START, LONG)).isInstanceOf(HandOver.Refused.class);
    }

    @Test
    void anInstanceWhoseUserInterfaceHangsIsToldFromOneThatHangsAsAWhole() throws IOException {
        application.answering = reply -> {};
        Watch hanging = listen(profile);
        assertThat(port.handOver(profile, START, SHORT))
                .isEqualTo(new HandOver.Unanswered(true, "the time for its answer is over"));
        hanging.close();

        listenDeafly();
        assertThat(port.handOver(profile, START, SHORT))
                .isEqualTo(new HandOver.Unanswered(false, "the time for its answer is over"));
    }

    @Test
    void anInstanceWhoseQueueIsFullHangs() throws IOException {
        listenDeafly();
        assertThatThrownBy(() -> {
                    while (true) {
                        SocketChannel waiting = SocketChannel.open(StandardProtocolFamily.UNIX);
                        open.add(waiting);
                        waiting.configureBlocking(false);
                        waiting.connect(UnixDomainSocketAddress.of(socket));
                    }
                })
                .isInstanceOf(SocketException.class);

        assertThat(port.handOver(profile, START, LONG)).isEqualTo(new HandOver.Unanswered(false, "its queue is full"));
    }

    @Test
    void whereNobodyListensNobodyIsReached() throws IOException {
        assertThat(port.handOver(profile, START, LONG))
                .isEqualTo(new HandOver.Nobody("no instance listens on this profile"));
        listen(profile).close();
        assertThat(socket).exists();
        assertThat(port.handOver(profile, START, LONG))
                .isEqualTo(new HandOver.Nobody("the instance that listened on this profile is gone"));
    }

    @Test
    void anInstanceThatEndsWhileItIsAskedHasNotAnswered() throws IOException {
        List<Watch> listening = new ArrayList<>();
        application.answering = reply -> listening.get(0).close();
        listening.add(listen(profile));
        assertThat(port.handOver(profile, START, LONG))
                .isEqualTo(new HandOver.Unanswered(true, "it ended the connection without an answer"));
    }

    @Test
    void theNextInstanceTakesThePlaceOfOneThatIsGoneOrOnItsWayOut() throws IOException {
        Application old = new Application();
        open.add(port.listen(profile, old));
        listen(profile);
        assertThat(port.handOver(profile, START, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(old.starts).isEmpty();
        assertThat(application.starts).containsExactly(START);
    }

    @Test
    void nobodyElseCanReachTheSocket() throws IOException {
        listen(profile);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingIsListenedOnOrSentWhereOthersCanEnter() throws IOException {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        listenDeafly();
        assertThatThrownBy(() -> port.listen(profile, application))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("permissions are not 0700");
        assertThat(port.handOver(profile, START, LONG)).isInstanceOf(HandOver.Refused.class);
    }

    @Test
    void aLinkInPlaceOfTheDirectoryIsNotFollowed(@TempDir Path elsewhere) throws IOException {
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(directory, elsewhere);
        assertThatThrownBy(() -> port.listen(profile, application)).isInstanceOf(IOException.class);
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(port.handOver(profile, START, LONG)).isInstanceOf(HandOver.Refused.class);
    }

    @Test
    void aFileInPlaceOfTheSocketIsNotReplaced() throws IOException {
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(socket, "mine");
        assertThatThrownBy(() -> port.listen(profile, application))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no socket");
        assertThat(socket).hasContent("mine");
        assertThat(port.handOver(profile, START, LONG)).isInstanceOf(HandOver.Refused.class);
    }

    @Test
    void aProfileWithALongPathIsReachedAndNothingIsLeftBehind() throws IOException {
        Path deep = Files.createDirectories(profile.resolve("a".repeat(120)).resolve("b".repeat(120)));
        listen(deep);
        assertThat(port.handOver(deep, START, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(deep.resolve(SocketDirectory.NAME).resolve("socket")).exists();
        assertThat(linksTo(deep.resolve(SocketDirectory.NAME))).isEmpty();
    }

    @Test
    @Needs(Need.ROOT)
    void aStrangerIsRefusedEvenIfTheSocketWasOpenedToAll() throws IOException {
        listen(profile);
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(knockAsAStranger()).isEqualTo("Permission denied");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(knockAsAStranger()).isEqualTo("REFUSED");
        assertThat(application.starts).isEmpty();
    }

    @Test
    void whatIsNoSecondStartIsRefusedAndTheNextOneIsHeard() throws IOException {
        listen(profile);
        SocketChannel rubbish = connect();
        rubbish.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertThat(firstAnswer(rubbish)).isEqualTo("REFUSED");
        SocketChannel tooMuch = connect();
        byte[] whole = SecondStartCodec.encode(START).orElseThrow();
        tooMuch.write(ByteBuffer.wrap(Arrays.copyOf(whole, whole.length + 1)));
        assertThat(firstAnswer(tooMuch)).isEqualTo("REFUSED");
        connect().close();

        assertThat(application.starts).isEmpty();
        assertThat(port.handOver(profile, START, LONG)).isEqualTo(new HandOver.Accepted());
    }

    @Test
    void aStartMayComeInPieces() throws IOException {
        listen(profile);
        SocketChannel slow = connect();
        for (byte one : SecondStartCodec.encode(START).orElseThrow()) {
            slow.write(ByteBuffer.wrap(new byte[] {one}));
        }
        assertThat(firstAnswer(slow)).isEqualTo("RECEIVED");
        assertThat(firstAnswer(slow)).isEqualTo("ACCEPTED");
        assertThat(application.starts).containsExactly(START);
    }

    @Test
    void whoeverSaysNothingIsSentAwayAndKeepsNobodyOutForLong() throws IOException {
        listen(profile);
        List<SocketChannel> silent = new ArrayList<>();
        for (int i = 0; i < SecondStartServer.MOST_CONNECTIONS; i++) {
            silent.add(connect());
        }
        assertThat(port.handOver(profile, START, LONG)).isInstanceOf(HandOver.Refused.class);
        for (SocketChannel connection : silent) {
            assertThat(firstAnswer(connection)).isEqualTo("REFUSED");
        }
        assertThat(port.handOver(profile, START, LONG)).isEqualTo(new HandOver.Accepted());
    }

    @Test
    void noThreadIsLeftBehind() throws IOException {
        listen(profile).close();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("relaunch-guard-second-start")));
    }

    private Watch listen(Path where) throws IOException {
        Watch listening = port.listen(where, application);
        open.add(listening);
        return listening;
    }

    /** As a stopped process does: the kernel takes connections, nobody else does. */
    private void listenDeafly() throws IOException {
        if (Files.notExists(directory)) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Files.deleteIfExists(socket);
        ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(deaf);
        deaf.bind(UnixDomainSocketAddress.of(socket), 2);
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        open.add(channel);
        return channel;
    }

    private static String firstAnswer(SocketChannel channel) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        return channel.read(one) < 0
                ? "closed"
                : Answer.of(one.get(0)).map(Answer::name).orElse("?");
    }

    private String knockAsAStranger() {
        return processes.jvm("12345", profile, "knock", socket).hear();
    }

    private static List<Path> linksTo(Path target) throws IOException {
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), "rg*")) {
            List<Path> links = new ArrayList<>();
            for (Path found : directories) {
                Path link = found.resolve("d");
                if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
                    links.add(link);
                }
            }
            return links;
        }
    }
}
