package io.relaunchguard.platform;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.platform.unix.LibCAPI;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.platform.linux.LinuxPlatform;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * The ports in a JVM of their own: as another user, in another namespace, with another encoding, or as the other launcher.
 * Arguments: {@code uid profile question...}; without change of user if the uid is {@code -}.
 */
public final class ChildJvm {

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private ChildJvm() {}

    /** The calls that change the user. */
    public interface Users extends LibCAPI, Library {}

    public static void main(String[] arguments) throws IOException {
        Path profile = Path.of(arguments[1]);
        ProfilePorts ports = new LinuxPlatform().open(profile);
        if (!arguments[0].equals("-")) {
            become(Integer.parseInt(arguments[0]), ports);
        }
        String question = arguments[2];
        switch (question) {
            case "host" -> OUT.println(ports.host().read());
            case "look" -> OUT.println(ports.processes().look(Long.parseLong(arguments[3])));
            case "namesake" -> OUT.println(ports.processes().namesakeInOtherNamespace(Long.parseLong(arguments[3])));
            case "recycle" -> OUT.println(recycle(ports.processes()));
            case "helpers-of-grandparent" -> OUT.println(helpersOfGrandparent(ports.processes()));
            case "lock" -> OUT.println(ports.lock().read());
            case "lock-bytes" ->
                OUT.println(ports.lock()
                        .read()
                        .map(SingletonLock::host)
                        .map(host -> List.of(host.codePoints().boxed().toArray())));
            case "marker" -> OUT.println(ports.markers().peek());
            case "write" -> write(ports, profile);
            case "probe" -> OUT.println(ports.launchLock().probe());
            case "request" -> request(ports.launchLock());
            case "request-inner" -> request(ports.launchLock().inner().orElseThrow());
            case "request-and-forget" -> {
                CompletableFuture<String> replied = new CompletableFuture<>();
                ports.launchLock()
                        .request(reply -> replied.complete(reply.toOptional().isPresent() ? "held" : reply.toString()));
                OUT.println(replied.join());
                collect();
                OUT.println("collected");
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            }
            case "life" -> {
                OUT.println(ports.instances().keepLifeLock());
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            }
            case "life-of-a-user" -> lifeOfAUser(ports, profile);
            case "is-free" -> OUT.println(ports.instances().isFree(arguments[3]));
            case "are-free" -> areFree(ports, arguments[3]);
            case "knock" -> OUT.println(knock(Path.of(arguments[3])));
            case "start" -> start(List.of(arguments).subList(3, arguments.length), profile);
            case "append" -> append(ports.history(), arguments[3], Integer.parseInt(arguments[4]));
            default -> throw new IllegalArgumentException(question);
        }
    }

    /** Collects garbage until an object that was unreachable before it has been cleaned up after. */
    private static void collect() {
        CountDownLatch cleaned = new CountDownLatch(1);
        Cleaner.create().register(new Object(), cleaned::countDown);
        try {
            do {
                System.gc();
            } while (!cleaned.await(50, TimeUnit.MILLISECONDS));
            System.gc();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Keeps the life lock, and does with the files of the profile what a backup, a migration and a clean-up do. */
    private static void lifeOfAUser(ProfilePorts ports, Path profile) throws IOException {
        OUT.println(ports.instances().keepLifeLock());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            switch (line) {
                case "touch" -> touch(profile);
                case "start" ->
                    OUT.println(new ProcessBuilder("sleep", "600").start().pid());
                default -> throw new IllegalArgumentException(line);
            }
            OUT.println("done");
        }
    }

    /** Reads, copies, replaces and deletes every file, and opens and closes the directory. */
    private static void touch(Path profile) throws IOException {
        try (Stream<Path> files = Files.list(profile)) {
            for (Path file : files.toList()) {
                Path copy = profile.resolve(file.getFileName() + ".copy");
                Files.readAllBytes(file);
                Files.copy(file, copy);
                Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
                Files.delete(file);
            }
        }
        try (FileChannel directory = FileChannel.open(profile, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Looks at a life lock, over and over, until something is said. */
    private static void areFree(ProfilePorts ports, String name) throws IOException {
        OUT.println(ports.instances().isFree(name));
        while (System.in.available() == 0) {
            ports.instances().isFree(name);
        }
        OUT.println("done");
    }

    /** Connects to a socket, sends a whole second start, and tells the first answer. */
    private static String knock(Path socket) {
        byte[] request = SecondStartCodec.encode1(new SecondStart(List.of("--from-a-stranger"), "/"))
                .orElseThrow();
        ByteBuffer answer = ByteBuffer.allocate(1);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            try {
                channel.write(ByteBuffer.wrap(request));
            } catch (IOException e) {
                // Refused before it was read; the answer is there all the same.
            }
            return channel.read(answer) < 0 ? "closed" : Character.toString(answer.get(0));
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** Everything is loaded before: the other user may not be allowed to read the class path. */
    private static void become(int uid, ProfilePorts ports) {
        ports.host().read();
        knock(Path.of("/nowhere"));
        Users users = Native.load("c", Users.class);
        if (users.setgid(uid) != 0 || users.setuid(uid) != 0) {
            throw new IllegalStateException("the user cannot be changed");
        }
    }

    /** Pins a process, lets it go and another get its number, and asks the pin. Only in a PID namespace of its own. */
    private static String recycle(ProcessTable processes) throws IOException {
        Process first = new ProcessBuilder("sleep", "600").start();
        Process second = null;
        try (PinnedProcess pin = processes.pin(first.pid()).toOptional().orElseThrow()) {
            first.destroyForcibly().waitFor();
            // The next number is the one after this, see pid_namespaces(7); threads take numbers too.
            for (int tries = 0; second == null || second.pid() != first.pid(); tries++) {
                if (second != null) {
                    second.destroyForcibly().waitFor();
                }
                if (tries == 50) {
                    return "not recycled";
                }
                Files.writeString(Path.of("/proc/sys/kernel/ns_last_pid"), Long.toString(first.pid() - 1));
                second = new ProcessBuilder("sleep", "600").start();
            }
            return "identity %s, %s %s, activity %s, successor %s"
                    .formatted(
                            pin.identity().getClass().getSimpleName(),
                            pin.requestExit().stream().map(SentSignal::result).toList(),
                            pin.forceExit().result(),
                            pin.activity().getClass().getSimpleName(),
                            second.waitFor(200, TimeUnit.MILLISECONDS) ? "dead" : "alive");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            first.destroyForcibly();
            if (second != null) {
                second.destroyForcibly();
            }
        }
    }

    private static List<Long> helpersOfGrandparent(ProcessTable processes) {
        ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
        try (PinnedProcess pin =
                processes.pin(parent.parent().orElseThrow().pid()).toOptional().orElseThrow()) {
            return processes.helpersOf(pin).stream().map(PinnedProcess::pid).toList();
        }
    }

    private static void start(List<String> command, Path directory) {
        try {
            OUT.println(new LinuxPlatform().startDetached(command, directory));
        } catch (IOException e) {
            OUT.println(e.getMessage());
        }
    }

    private static void write(ProfilePorts ports, Path profile) {
        try {
            ports.markers().write(Markers.marker("written"));
            OUT.println("written");
        } catch (IOException e) {
            OUT.println("failed, " + Files.exists(profile.resolve("RelaunchGuard.marker")));
        }
    }

    /** Writes lines that end with this text, and then says so. */
    private static void append(HistoryStore history, String end, int number) {
        OUT.println("begun");
        for (int i = 0; i < number; i++) {
            try {
                history.append(i + end);
            } catch (UncheckedIOException e) {
                OUT.println(i + " " + e.getMessage());
                return;
            }
        }
        OUT.println("appended");
    }

    private static void request(LaunchLock lock) throws IOException {
        AtomicReference<LaunchLock.Hold> hold = new AtomicReference<>();
        Watch watch = lock.request(reply -> {
            reply.toOptional().ifPresent(hold::set);
            OUT.println(reply.toOptional().isPresent() ? "held" : reply.toString());
        });
        OUT.println("asked");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (line.startsWith("also ")) {
                new LinuxPlatform()
                        .open(Path.of(line.substring("also ".length())))
                        .launchLock()
                        .request(reply -> OUT.println(reply));
                OUT.println("asked");
                continue;
            }
            if (line.startsWith("read ")) {
                Files.readAllBytes(Path.of(line.substring("read ".length())));
                OUT.println("done");
                continue;
            }
            switch (line) {
                case "close" -> hold.get().close();
                case "cancel" -> watch.close();
                case "threads" ->
                    OUT.println(Thread.getAllStackTraces().keySet().stream()
                            .map(Thread::getName)
                            .filter(name -> name.startsWith("relaunch-guard"))
                            .toList());
                default -> throw new IllegalArgumentException(line);
            }
            OUT.println("done");
        }
    }
}
