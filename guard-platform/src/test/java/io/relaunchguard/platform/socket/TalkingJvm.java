package io.relaunchguard.platform.socket;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.platform.unix.LibCAPI;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort;
import io.relaunchguard.platform.linux.LinuxPlatform;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One side of a second start in a JVM of its own: without a module, as another user, without sockets, or with descriptors that
 * it uses up. Says what came of each line that it is told: {@code listen}, {@code relisten}, {@code hang}, {@code dawdle},
 * {@code ask}, {@code who}, {@code exhaust}, {@code free}, {@code become UID}, {@code deny}, {@code troubles}, {@code starts}.
 */
public final class TalkingJvm {

    private static final CountDownLatch NEVER = new CountDownLatch(1);
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Path profile;
    private final SocketSecondStarts port = new SocketSecondStarts();
    private final Application application = new Application();
    private final List<FileInputStream> files = new ArrayList<>();
    private Optional<SecondStartPort.Listening> listening = Optional.empty();

    private TalkingJvm(Path profile) {
        this.profile = profile;
    }

    /** The calls that change the user. */
    public interface Users extends LibCAPI, Library {}

    /** The call that confines a thread, see prctl(2). */
    public interface Confinement extends Library {

        int prctl(int option, NativeLong a, Pointer b, NativeLong c, NativeLong d);
    }

    public static void main(String[] arguments) throws IOException {
        TalkingJvm jvm = new TalkingJvm(Path.of(arguments[0]));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            OUT.println(jvm.follow(line.split(" ", -1)));
        }
    }

    private String follow(String[] words) {
        return switch (words[0]) {
            case "listen" -> listen();
            case "relisten" -> relisten();
            case "hang" -> hang();
            case "dawdle" -> dawdle();
            case "ask" -> ask().toString();
            case "who" ->
                new LinuxPlatform()
                        .open(profile)
                        .processes()
                        .listener(new SocketDirectory(profile).socket())
                        .toString();
            case "exhaust" -> exhaust();
            case "free" -> free();
            case "become" -> become(Integer.parseInt(words[1]));
            case "deny" -> denySockets();
            case "troubles" -> application.troubles.size() + " " + application.failures.size();
            case "starts" -> Integer.toString(application.starts.size());
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private String listen() {
        try {
            SecondStartPort.Listening started = port.listen(profile, application);
            listening = Optional.of(started);
            return started.getClass().getSimpleName();
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private String relisten() {
        listening.orElseThrow().close();
        return listen();
    }

    /** Takes what it hears from now on, and never answers. */
    private String hang() {
        application.answering = asker -> {};
        return "hangs";
    }

    /** Listens as a holder does that reads what it is sent, but a byte at a time. */
    private String dawdle() {
        SocketDirectory directory = new SocketDirectory(profile);
        try {
            directory.prepare();
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(directory.socket()));
            Thread reader = new Thread(() -> dawdle(server));
            reader.setDaemon(true);
            reader.start();
            return "dawdles";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private static void dawdle(ServerSocketChannel server) {
        ByteBuffer one = ByteBuffer.allocate(1);
        try {
            while (true) {
                try (SocketChannel channel = server.accept()) {
                    while (channel.read(one.clear()) > 0) {
                        var unused = NEVER.await(50, TimeUnit.MILLISECONDS);
                    }
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HandOver ask() {
        return port.handOver(
                profile, new SecondStart(List.of("a"), "/"), Patience.forAnswer(Duration.ofSeconds(2)), answer -> {});
    }

    /** Takes every descriptor that there is. The classes that are needed then are loaded before: that takes some too. */
    private String exhaust() {
        HandOver loaded = new HandOver.NotAsked("");
        try {
            while (true) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return loaded.getClass().getSimpleName() + " " + (files.size() > 10);
        }
    }

    private String free() {
        try {
            for (FileInputStream file : files) {
                file.close();
            }
            files.clear();
            return "freed";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** Everything is loaded before: the other user may not be allowed to read the class path. */
    private String become(int uid) {
        HandOver loaded = ask();
        Users users = Native.load("c", Users.class);
        return users.setgid(uid) == 0 && users.setuid(uid) == 0
                ? loaded.getClass().getSimpleName()
                : "not allowed";
    }

    /** Has the kernel deny socket(2) to this thread and those that it starts, as the seccomp profile of a sandbox may. */
    private static String denySockets() {
        int socket = System.getProperty("os.arch").equals("amd64") ? 41 : 198;
        int[][] program = {
            {0x20, 0, 0, 0}, // load the number of the system call
            {0x15, 0, 1, socket}, // if it is socket(2)
            {0x06, 0, 0, 0x0005000D}, // then EACCES
            {0x06, 0, 0, 0x7FFF0000} // else allow it
        };
        try (Memory instructions = new Memory(8L * program.length);
                Memory filter = new Memory(16)) {
            for (int i = 0; i < program.length; i++) {
                instructions.setShort(8L * i, (short) program[i][0]);
                instructions.setByte(8L * i + 2, (byte) program[i][1]);
                instructions.setByte(8L * i + 3, (byte) program[i][2]);
                instructions.setInt(8L * i + 4, program[i][3]);
            }
            filter.setShort(0, (short) program.length);
            filter.setPointer(8, instructions);
            Confinement kernel = Native.load("c", Confinement.class);
            NativeLong none = new NativeLong(0);
            int noNewPrivileges = kernel.prctl(38, new NativeLong(1), Pointer.NULL, none, none);
            int seccomp = kernel.prctl(22, new NativeLong(2), filter, none, none);
            return noNewPrivileges == 0 && seccomp == 0 ? "denied" : "not allowed";
        }
    }
}
