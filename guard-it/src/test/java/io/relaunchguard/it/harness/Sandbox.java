package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.relaunchguard.core.lock.SingletonLock;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.OS;

/**
 * Folders of a test's own, and every process that it starts. On closing, the processes and all that descend from them are
 * ended through their handles, and the folders deleted, however the test ended. If its JVM is killed a {@link Reaper} does so.
 */
public final class Sandbox implements AutoCloseable {

    private static final String JAVA = File.separator + "bin" + File.separator + "java";
    private static final int SIGSTOP = 19;
    private static final int SIGCONT = 18;
    private static final int SIGINT = 2;

    private final Path root;
    private final Set<ProcessHandle> processes = new LinkedHashSet<>();

    public Sandbox() {
        try {
            root = Files.createTempDirectory("relaunch-guard-it");
            Reaper.deletesWithThisJvm(root);
            Files.createDirectories(profile());
            Files.createDirectories(temporary());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path profile() {
        return root.resolve("profile");
    }

    public Path root() {
        return root;
    }

    public Path temporary() {
        return root.resolve("tmp");
    }

    /** Starts a program; its output goes to a file of this name below the sandbox. */
    public Process start(String name, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(root.resolve(name + ".out").toFile())
                .redirectError(root.resolve(name + ".err").toFile());
        return start(builder);
    }

    /** Starts a program, with its output wherever the builder has it. */
    public Process start(ProcessBuilder builder) throws IOException {
        builder.environment().put("TMPDIR", temporary().toString());
        builder.command(withTemporaryFilesHere(builder.command()));
        Process process = Reaper.endsWithThisJvm(builder).start();
        adopt(process.toHandle());
        return process;
    }

    /** A JVM does not ask TMPDIR where its temporary files go, and leaves them behind when it is killed. */
    private List<String> withTemporaryFilesHere(List<String> command) {
        List<String> here = new ArrayList<>();
        for (String word : command) {
            here.add(word);
            if (word.endsWith(JAVA)) {
                here.add("-Djava.io.tmpdir=" + temporary());
            }
        }
        return here;
    }

    public String output(String name) throws IOException {
        return Files.readString(root.resolve(name));
    }

    /**
     * Starts a process that stays for all the requests to end: it writes a line "TERM" for each to {@code <name>.out}.
     * It has no children, and is gone when the test is.
     */
    public Process startUnheeding(String name) throws IOException {
        String script = "trap 'echo TERM' TERM; echo ready; while kill -0 $PPID; do read line; done";
        Process process = start(name, List.of("/bin/sh", "-c", script));
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(30, SECONDS)
                .until(() -> output(name + ".out").contains("ready"));
        return process;
    }

    /** Starts a process that does nothing and is nobody's child: a launch in the test's own JVM spares its descendants. */
    public ProcessHandle startOrphan(boolean heedsTerm) throws IOException, InterruptedException {
        String script = (heedsTerm ? "" : "trap '' TERM; ") + "exec sleep 600";
        Process shell = start(
                new ProcessBuilder("/bin/sh", "-c", "/bin/sh -c \"$0\" </dev/null >/dev/null 2>&1 & echo $!", script));
        ProcessHandle orphan =
                ProcessHandle.of(Long.parseLong(shell.inputReader().readLine())).orElseThrow();
        adopt(orphan);
        shell.waitFor();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(30, SECONDS)
                .until(() -> Files.readString(Path.of("/proc/" + orphan.pid() + "/comm"))
                        .equals("sleep\n"));
        return orphan;
    }

    /** Makes the sandbox responsible for a process that one of its own started. */
    public void adopt(ProcessHandle process) {
        processes.add(process);
    }

    /** Has everything that descends from a process ended with the sandbox, even if it is orphaned meanwhile. */
    public List<ProcessHandle> adoptTree(ProcessHandle ancestor) {
        List<ProcessHandle> tree = ancestor.descendants().toList();
        processes.addAll(tree);
        return tree;
    }

    /** Attaches a debugger to all its threads and stops that: each hangs at its next system call, deaf to all but SIGKILL. */
    public void holdInADebugger(ProcessHandle process) throws IOException {
        String pid = Long.toString(process.pid());
        Process debugger =
                start("debugger", List.of("strace", "-f", "-qq", "-e", "trace=none", "-o", "/dev/null", "-p", pid));
        await().atMost(60, SECONDS).until(() -> isTraced(process.pid()));
        stop(debugger.toHandle());
    }

    public void stop(ProcessHandle process) {
        signal(process, SIGSTOP);
        await().atMost(60, SECONDS).until(() -> state(process.pid()).orElse("gone"), "T"::equals);
    }

    public void resume(ProcessHandle process) {
        signal(process, SIGCONT);
    }

    public void interrupt(ProcessHandle process) {
        signal(process, SIGINT);
    }

    /** The state letter of proc(5); empty if there is no such process. */
    public static Optional<String> state(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return Optional.of(stat.substring(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static boolean isTraced(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("status")).contains("TracerPid:\t0\n")) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether it neither has exited nor waits to be reaped; on Windows there is nothing to reap. */
    public static boolean isAlive(ProcessHandle process) {
        return OS.WINDOWS.isCurrentOs() ? process.isAlive() : isAlive(process.pid());
    }

    /** Whether it neither has exited nor waits to be reaped. */
    public static boolean isAlive(long pid) {
        return state(pid).filter(letter -> !letter.equals("Z")).isPresent();
    }

    public void writeLock(String target) throws IOException {
        Files.createSymbolicLink(lock(), Path.of(target));
    }

    public Path lock() {
        return profile().resolve(SingletonLock.FILE_NAME);
    }

    public Optional<String> lockTarget() {
        try {
            return Optional.of(Files.readSymbolicLink(lock()).toString());
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** Every file of the profile with its kind, size, permissions, change time and target. */
    public Map<String, String> snapshot() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(profile())) {
            for (Path file : walk.toList()) {
                Map<String, Object> attributes = new LinkedHashMap<>(
                        Files.readAttributes(file, "unix:mode,size,ctime,ino", LinkOption.NOFOLLOW_LINKS));
                files.put(profile().relativize(file).toString(), attributes.toString());
            }
        }
        return files;
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(processes);
        processes.forEach(process -> process.descendants().forEach(all::add));
        all.forEach(ProcessHandle::destroyForcibly);
        await().atMost(30, SECONDS).until(() -> {
            // What nobody has adopted: the child of a process that a launch has ended.
            List<ProcessHandle> left = Reaper.processesWith("TMPDIR=" + temporary());
            left.forEach(ProcessHandle::destroyForcibly);
            return left.isEmpty() && all.stream().noneMatch(Sandbox::isAlive);
        });
        if (OS.WINDOWS.isCurrentOs()) { // frees the files of a process a moment after its end
            await().atMost(30, SECONDS)
                    .ignoreException(UncheckedIOException.class)
                    .until(this::deleteFiles);
        } else {
            deleteFiles();
        }
    }

    private boolean deleteFiles() {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    private static void signal(ProcessHandle process, int signal) {
        LibC.INSTANCE.kill((int) process.pid(), signal);
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        int kill(int pid, int signal);
    }
}
