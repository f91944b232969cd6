package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartPort;
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
import java.util.concurrent.CountDownLatch;
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
    private static final Patience LONG = Patience.forAnswer(Duration.ofSeconds(20));
    private static final Patience SHORT = Patience.forAnswer(Duration.ofMillis(200));

    private final SocketSecondStarts port = new SocketSecondStarts();
    private final Application application = new Application();
    private final List<AutoCloseable> open = new ArrayList<>();

    @RegisterExtension
    private final StartedProcesses processes = new StartedProcesses();

    @TempDir
    private Path profile;

    private Path directory;

    private Path socket;

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
        assertThat(application.troubles).isEmpty();
    }

    @Test
    void argumentsAndWorkingDirectoryReachTheRunningInstance() throws IOException {
        listen(profile);
        assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(application.starts).containsExactly(START, START);
    }

    @Test
    void theLongestStartThatCanBeSentArrives() throws IOException {
        listen(profile);
        SecondStart longest = new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES - 100)), "");
        assertThat(ask(profile, longest, LONG)).isEqualTo(new HandOver.Accepted());
        assertThat(application.starts).containsExactly(longest);
        assertThat(ask(profile, new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES)), ""), LONG))
                .isInstanceOf(HandOver.NotAsked.class);
    }

    @Test
    void aStartThatTheApplicationDoesNotTakeIsRefused() throws IOException {
        application.answering = asker -> asker.answer(Reply.of(Answer.REFUSED, "no window"));
        listen(profile);
        assertThat(ask(LONG)).isEqualTo(new HandOver.Refused("no window"));
    }

    @Test
    void anInstanceWhoseUserInterfaceHangsIsToldFromOneThatHangsAsAWhole() throws IOException {
        application.answering = asker -> {};
        Watch hanging = listen(profile);
        assertThat(ask(SHORT)).isEqualTo(new HandOver.Unanswered(true, socket, "the time for its answer is over"));
        hanging.close();

        listenDeafly();
        assertThat(ask(SHORT)).isEqualTo(new HandOver.Unanswered(false, socket, "the time for its answer is over"));
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

        assertThat(ask(SHORT)).isEqualTo(new HandOver.Unanswered(false, socket, "its queue is full"));
    }

    @Test
    void whereNobodyListensNobodyIsReached() throws IOException {
        assertThat(ask(LONG)).isEqualTo(new HandOver.Nobody("no instance listens on this profile"));
        listen(profile).close();
        assertThat(socket).exists();
        assertThat(ask(LONG)).isEqualTo(new HandOver.Nobody("the instance that listened on this profile is gone"));
    }

    @Test
    void anInstanceThatEndsTheConnectionWithoutAnAnswerIsNotSilent() throws IOException {
        List<Watch> listening = new ArrayList<>();
        application.answering = asker -> listening.get(0).close();
        listening.add(listen(profile));
        assertThat(ask(LONG)).isEqualTo(new HandOver.Refused("it ended the connection without an answer"));
    }

    @Test
    void theNextInstanceTakesThePlaceOfOneThatIsGoneOrOnItsWayOut() throws IOException {
        Application old = new Application();
        open.add(port.listen(profile, old));
        listen(profile);
        assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
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
    @Tag("H40")
    void whereOthersCanEnterNothingIsSentAndWhoeverListensClosesItFirst() throws IOException {
        for (String permissions : List.of("rwxr-xr-x", "rwxrwxrwx", "r-x------")) {
            Files.createDirectories(directory);
            listenDeafly();
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
            assertThat(ask(LONG)).isEqualTo(new HandOver.NotAsked(directory + "'s permissions are not 0700"));
            listen(profile).close();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    @Tag("H40")
    @Needs(Need.ROOT)
    void aDirectoryOfAnotherUserIsRefusedAndLeftAsItIs() throws IOException {
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.setAttribute(directory, "unix:uid", 12345);
        assertThatThrownBy(() -> port.listen(profile, application))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to another user");
        assertThat(ask(LONG)).isEqualTo(new HandOver.NotAsked(directory + " belongs to another user"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void aLinkInPlaceOfTheDirectoryIsNotFollowed(@TempDir Path elsewhere) throws IOException {
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(directory, elsewhere);
        assertThatThrownBy(() -> port.listen(profile, application)).isInstanceOf(IOException.class);
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(ask(LONG)).isInstanceOf(HandOver.NotAsked.class);
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
        assertThat(ask(LONG)).isInstanceOf(HandOver.NotAsked.class);
    }

    @Test
    void aProfileWithALongPathIsReachedAndNothingIsLeftBehind() throws IOException {
        Path deep = Files.createDirectories(profile.resolve("a".repeat(120)).resolve("b".repeat(120)));
        listen(deep);
        assertThat(ask(deep, START, LONG)).isEqualTo(new HandOver.Accepted());
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
        assertThat(knockAsAStranger()).isEqualTo("N");
        assertThat(application.starts).isEmpty();
    }

    @Test
    void whatIsNoSecondStartIsRefusedAndTheNextOneIsHeard() throws IOException {
        listen(profile);
        SocketChannel rubbish = connect();
        rubbish.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertThat(firstAnswer(rubbish)).isEqualTo("N");
        SocketChannel tooMuch = connect();
        byte[] whole = SecondStartCodec.encode1(START).orElseThrow();
        tooMuch.write(ByteBuffer.wrap(Arrays.copyOf(whole, whole.length + 1)));
        assertThat(firstAnswer(tooMuch)).isEqualTo("N");
        connect().close();

        assertThat(application.starts).isEmpty();
        assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
    }

    @Test
    void aStartMayComeInPieces() throws IOException {
        listen(profile);
        SocketChannel slow = connect();
        for (byte one : SecondStartCodec.encode1(START).orElseThrow()) {
            slow.write(ByteBuffer.wrap(new byte[] {one}));
        }
        assertThat(firstAnswer(slow)).isEqualTo("R");
        assertThat(firstAnswer(slow)).isEqualTo("A");
        assertThat(application.starts).containsExactly(START);
    }

    @Test
    void whoeverSaysNothingIsSentAwayAndKeepsNobodyOutForLong() throws IOException {
        listen(profile);
        List<SocketChannel> silent = new ArrayList<>();
        for (int i = 0; i < SecondStartServer.MOST_CONNECTIONS; i++) {
            silent.add(connect());
        }
        assertThat(ask(LONG)).isEqualTo(new HandOver.Accepted());
        for (SocketChannel connection : silent) {
            assertThat(firstAnswer(connection)).isEqualTo("N");
        }
    }

    @Test
    @Tag("H21")
    void whoeverIsStartingIsWaitedForAsLongAsItMayTakeAndLongerThanForAnAnswer() throws IOException {
        CountDownLatch started = new CountDownLatch(1);
        application.answering = asker -> asker.answer(Reply.of(Answer.STARTING));
        listen(profile);
        List<Answer> heard = new ArrayList<>();
        Patience patience = new Patience(Duration.ofMillis(300), Duration.ofMillis(900), Duration.ZERO);
        assertThat(port.handOver(profile, START, patience, heard::add)).isEqualTo(new HandOver.Starting());
        assertThat(heard).containsExactly(Answer.RECEIVED, Answer.STARTING);

        application.answering = asker -> {
            asker.answer(Reply.of(Answer.STARTING));
            Thread later = new Thread(() -> {
                awaitUninterruptibly(started);
                asker.answer(Reply.of(Answer.RECEIVED));
                asker.answer(Reply.of(Answer.ACCEPTED));
            });
            later.start();
        };
        Patience longer = new Patience(Duration.ofMillis(300), Duration.ofSeconds(20), Duration.ZERO);
        assertThat(port.handOver(profile, START, longer, answer -> {
                    if (answer == Answer.STARTING) {
                        started.countDown();
                    }
                }))
                .isEqualTo(new HandOver.Accepted());
    }

    @Test
    @Tag("H35")
    void whoeverIsClosingIsWaitedForUntilItLetsGo() throws IOException {
        application.answering = asker -> asker.answer(Reply.of(Answer.CLOSING));
        Watch closing = listen(profile);
        Patience patience = new Patience(Duration.ofSeconds(20), Duration.ZERO, Duration.ofMillis(200));
        assertThat(port.handOver(profile, START, patience, answer -> {})).isEqualTo(new HandOver.Closing(false));

        Patience longer = new Patience(Duration.ofSeconds(20), Duration.ZERO, Duration.ofSeconds(20));
        assertThat(port.handOver(profile, START, longer, answer -> {
                    if (answer == Answer.CLOSING) {
                        new Thread(closing::close).start();
                    }
                }))
                .isEqualTo(new HandOver.Closing(true));
    }

    @Test
    void aListenerThatRepeatsItselfKeepsNobodyForEver() throws IOException {
        application.answering = asker -> {
            for (int i = 0; i < 100; i++) {
                asker.answer(Reply.of(i % 2 == 0 ? Answer.STARTING : Answer.RECEIVED));
            }
        };
        listen(profile);
        List<Answer> heard = new ArrayList<>();
        Patience patience = new Patience(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ZERO);
        assertThat(port.handOver(profile, START, patience, heard::add)).isInstanceOf(HandOver.Unanswered.class);
        assertThat(heard).containsExactly(Answer.RECEIVED, Answer.STARTING, Answer.RECEIVED);
    }

    @Test
    void aListeningThatIsToEndDoes() throws IOException {
        SecondStartPort.Listening listening = port.listen(profile, application);
        open.add(listening);
        listening.closeAfter(Duration.ofMillis(50));
        await().untilAsserted(() -> assertThat(ask(LONG)).isInstanceOf(HandOver.Nobody.class));
    }

    @Test
    void noThreadIsLeftBehind() throws IOException {
        listen(profile).close();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("relaunch-guard-second-start")));
    }

    private HandOver ask(Patience patience) {
        return ask(profile, START, patience);
    }

    private HandOver ask(Path where, SecondStart start, Patience patience) {
        return port.handOver(where, start, patience, answer -> {});
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        return channel.read(one) < 0 ? "closed" : Character.toString(one.get(0));
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
