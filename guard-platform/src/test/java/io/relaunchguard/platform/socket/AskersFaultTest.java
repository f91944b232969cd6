package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartPort;
import io.relaunchguard.core.secondstart.Silence;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong on the asker's side, or between, says nothing about the running instance: here it is healthy, and answers. */
@Tag("H38")
class AskersFaultTest {

    private static final SecondStart START = new SecondStart(List.of("a"), "/");
    private static final Patience PATIENCE = Patience.forAnswer(Duration.ofMillis(500));
    private static final int SOMEBODY = 12345;

    private final SocketSecondStarts port = new SocketSecondStarts();
    private final Application application = new Application();
    private SecondStartPort.Listening listening;

    @RegisterExtension
    private final StartedProcesses processes = new StartedProcesses();

    @TempDir
    private Path profile;

    private Path directory;
    private Path socket;

    @BeforeEach
    void listen() throws IOException {
        directory = profile.resolve(SocketDirectory.NAME);
        socket = directory.resolve("socket");
        listening = port.listen(profile, application);
    }

    @AfterEach
    void close() {
        listening.close();
        assertThat(application.failures).isEmpty();
    }

    @Test
    @Needs(Need.ROOT)
    void connectIsDenied() throws IOException {
        Conversation asker = somebody();
        Files.setAttribute(directory, "unix:uid", SOMEBODY);
        asker.say("ask");
        assertThat(asker.hear()).isEqualTo("NotAsked[reason=Permission denied]");
    }

    @Test
    @Needs(Need.ROOT)
    void theProfileCannotBeEntered() throws IOException {
        Conversation asker = somebody();
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rwx------"));
        asker.say("ask");
        assertThat(asker.hear()).startsWith("NotAsked[reason=AccessDeniedException: " + directory);
    }

    @Test
    @Needs(Need.ROOT)
    void theDirectoryIsAnotherUsers() throws IOException {
        Conversation asker = somebody();
        asker.say("ask");
        assertThat(asker.hear()).isEqualTo("NotAsked[reason=%s belongs to another user]".formatted(directory));
    }

    @Test
    void theDirectoryHasOtherPermissions() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
        isNotEndable(new HandOver.NotAsked(directory + "'s permissions are not 0700"));
    }

    @Test
    void theDirectoryIsALinkOrAFile(@TempDir Path elsewhere) throws IOException {
        Path moved = elsewhere.resolve("moved");
        Files.move(directory, moved);
        Files.createSymbolicLink(directory, moved);
        isNotEndable(new HandOver.NotAsked("NotDirectoryException: " + directory));
        Files.delete(directory);
        Files.writeString(directory, "");
        isNotEndable(new HandOver.NotAsked("NotDirectoryException: " + directory));
    }

    @Test
    void aFileIsInPlaceOfTheSocket() throws IOException {
        Files.delete(socket);
        Files.writeString(socket, "");
        isNotEndable(new HandOver.NotAsked(socket + " is no socket"));
    }

    @Test
    void thisJavaHasNoModuleThatTellsWhoIsThere() {
        Conversation asker = withoutJdkNet();
        asker.say("ask");
        assertThat(asker.hear())
                .isEqualTo(
                        "NotAsked[reason=this Java runtime has no module jdk.net, which tells who is at the other end;"
                                + " add it with jlink]");
    }

    /** From its start, as in a sandbox, and when it has known sockets. */
    @Test
    void socketIsDenied() {
        Conversation fromItsStart = processes.jvm(TalkingJvm.class, profile);
        fromItsStart.say("deny");
        assertThat(fromItsStart.hear()).isEqualTo("denied");
        fromItsStart.say("ask");
        assertThat(fromItsStart.hear()).startsWith("NotAsked[reason=").isNotEqualTo("NotAsked[reason=]");

        Conversation later = processes.jvm(TalkingJvm.class, profile);
        later.say("ask");
        assertThat(later.hear()).isEqualTo("Accepted[]");
        later.say("deny");
        assertThat(later.hear()).isEqualTo("denied");
        later.say("ask");
        assertThat(later.hear()).isEqualTo("NotAsked[reason=Permission denied]");
    }

    @Test
    @Tag("H39")
    void thereAreNoDescriptors() {
        Conversation asker = processes.jvm(
                TalkingJvm.class, List.of("sh", "-c", "ulimit -n 100; exec \"$0\" \"$@\""), Map.of(), profile);
        asker.say("ask");
        assertThat(asker.hear()).isEqualTo("Accepted[]");
        asker.say("exhaust");
        assertThat(asker.hear()).isEqualTo("NotAsked true");
        asker.say("ask");
        assertThat(asker.hear()).startsWith("NotAsked[reason=").contains("Too many open files");
        asker.say("free");
        assertThat(asker.hear()).isEqualTo("freed");
        asker.say("ask");
        assertThat(asker.hear()).isEqualTo("Accepted[]");
    }

    /** The kernel lets this user, or a container, have no more: for Java that is an error, not an exception. */
    @Test
    @Needs(Need.OTHER_USER)
    @Tag("H39")
    void noThreadCanBeStarted() throws IOException {
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rwxr-xr-x"));
        Conversation asker =
                processes.jvm(TalkingJvm.class, List.of(), Map.of("JDK_JAVA_OPTIONS", "-Xlog:disable"), profile);
        asker.say("become " + SOMEBODY);
        assertThat(asker.hear()).isEqualTo("Accepted");
        Files.setAttribute(directory, "unix:uid", SOMEBODY);
        Files.setAttribute(socket, "unix:uid", SOMEBODY);
        StartedProcesses.limitThreads(asker.process(), SOMEBODY, 1);
        asker.say("ask");
        assertThat(asker.hear())
                .startsWith(
                        "NotAsked[reason=the user of the connected process cannot be read: java.lang.OutOfMemoryError");
    }

    @Test
    void theUserDatabaseDoesNotAnswerOrFails() {
        CountDownLatch never = new CountDownLatch(1);
        SocketSecondStarts hanging = new SocketSecondStarts(channel -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return true;
        });
        assertThat(hanging.handOver(profile, START, PATIENCE, answer -> {}))
                .isEqualTo(new HandOver.NotAsked("the user database does not answer"));
        SocketSecondStarts failing = new SocketSecondStarts(channel -> {
            throw new IOException("no such user");
        });
        assertThat(failing.handOver(profile, START, PATIENCE, answer -> {}))
                .isEqualTo(new HandOver.NotAsked(
                        "the user of the connected process cannot be read: java.io.IOException: no such user"));
        never.countDown();
    }

    @Test
    void theArgumentsAreTooLong() {
        SecondStart long_ = new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES)), "/");
        assertThat(port.handOver(profile, long_, PATIENCE, answer -> {}))
                .isEqualTo(new HandOver.NotAsked("the arguments are longer than 131072 bytes"));
    }

    @Test
    void noTemporaryDirectoryWillDoForALongPath() throws IOException {
        Path deep = Files.createDirectories(profile.resolve("d".repeat(120)));
        assertThatThrownBy(() -> ShortPath.of(deep, List.of(Path.of("/nowhere"), deep)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no temporary directory will do");
        assertThat(deep).isEmptyDirectory();
    }

    /** The usual one may be missing, or be long itself. */
    @Test
    void anotherTemporaryDirectoryThanTheUsualWillDo() throws IOException {
        Path deep = Files.createDirectories(profile.resolve("d".repeat(120)));
        for (String usual : List.of("/nowhere", "", deep.toString())) {
            try (ShortPath path = ShortPath.of(deep.resolve("socket"), ShortPath.temporaryDirectories(usual));
                    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(path.address());
                assertThat(deep.resolve("socket")).exists();
            }
            Files.delete(deep.resolve("socket"));
        }
        assertThat(UnixDomainSocketAddress.of(socket).getPath()).exists();
    }

    /** As in a container that shares the profile alone: a socket in a file system is reached from there, its process is not seen. */
    @Test
    @Needs(Need.NAMESPACES)
    void anAskerInOtherNamespacesIsHeardButCannotTellWhoListens() {
        Conversation asker = processes.jvm(
                TalkingJvm.class,
                List.of("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
                Map.of(),
                profile);
        asker.say("ask");
        assertThat(asker.hear()).isEqualTo("Accepted[]");
        asker.say("who");
        assertThat(asker.hear()).isEqualTo("Unknown[reason=the listening instance is in another PID namespace]");
    }

    /** The link is the profile's own, or above it. */
    @Test
    void aProfileThatIsReachedByALinkIsTheSame(@TempDir Path elsewhere) throws IOException {
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), profile);
        assertThat(port.handOver(link, START, PATIENCE, answer -> {})).isEqualTo(new HandOver.Accepted());
    }

    @Test
    void aPathThatIsLongerThanTheKernelTakesIsAFaultOfItsOwn() {
        Path longest = profile;
        for (int i = 0; i < 25; i++) {
            longest = longest.resolve("d".repeat(200));
        }
        assertThat(port.handOver(longest, START, PATIENCE, answer -> {}))
                .isInstanceOfSatisfying(
                        HandOver.NotAsked.class,
                        result -> assertThat(result.reason()).endsWith("File name too long"));
    }

    /** As in a container that is run as any number. */
    @Test
    @Needs(Need.ROOT)
    void aUserWithoutANameIsNoFault(@TempDir Path own) throws IOException {
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
        Conversation nobody = processes.jvm(TalkingJvm.class, List.of(), Map.of(), own);
        nobody.say("listen");
        assertThat(nobody.hear()).isEqualTo("SecondStartServer");
        nobody.say("become 54321");
        assertThat(nobody.hear()).isEqualTo("Accepted");
        Files.delete(own.resolve(SocketDirectory.NAME).resolve("socket"));
        Files.delete(own.resolve(SocketDirectory.NAME));
        nobody.say("listen");
        assertThat(nobody.hear()).isEqualTo("SecondStartServer");
        nobody.say("ask");
        assertThat(nobody.hear()).isEqualTo("Accepted[]");
        nobody.end();
    }

    @Test
    @Tag("H29")
    void aListenerWithoutTheModuleSaysSoWhenItStarts() {
        Conversation listener = withoutJdkNet();
        listener.say("listen");
        assertThat(listener.hear()).contains("no module jdk.net");
    }

    /** Asks, expects this, and that whoever it could not ask is not endable whatever else is seen of it. */
    private void isNotEndable(HandOver expected) {
        assertThat(port.handOver(profile, START, PATIENCE, answer -> {})).isEqualTo(expected);
        ProcessIdentity holder = new ProcessIdentity(
                4711,
                "1",
                ExecutionState.RUNNING,
                Observation.seen("0"),
                Observation.seen("pid:[1]"),
                Observation.seen("/app"),
                Observation.seen(Lineage.UNRELATED));
        assertThat(new Silence(
                                expected,
                                Observation.seen(4711L),
                                holder,
                                Observation.seen(holder),
                                Observation.seen(holder),
                                Observation.seen(false),
                                Duration.ofSeconds(5))
                        .judge())
                .isInstanceOf(Silence.Judgement.Spared.class);
    }

    private Conversation somebody() throws IOException {
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rwxr-xr-x"));
        Conversation asker = processes.jvm(TalkingJvm.class, List.of(), Map.of(), profile);
        asker.say("become " + SOMEBODY);
        assertThat(asker.hear()).isEqualTo("Accepted");
        return asker;
    }

    /** As one that jlink made without it. */
    private Conversation withoutJdkNet() {
        return processes.jvm(
                TalkingJvm.class,
                List.of(),
                Map.of("JDK_JAVA_OPTIONS", "--limit-modules java.base,java.logging,java.management"),
                profile);
    }
}
