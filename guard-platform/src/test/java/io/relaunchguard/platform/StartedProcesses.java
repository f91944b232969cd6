package io.relaunchguard.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Real processes for a test. Whatever the test does with them, they and what they started are gone after it. */
public final class StartedProcesses implements AfterEachCallback {

    static {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    }

    private static final String VARIABLE = "RELAUNCH_GUARD_STARTED_BY";

    private final String mark = ProcessHandle.current().pid() + "-" + System.nanoTime();
    private final List<Process> started = new ArrayList<>();
    private final List<ProcessHandle> known = new ArrayList<>();

    /** Starts a command. */
    public Process start(String... command) {
        return start(new ProcessBuilder(command));
    }

    /** Starts a command; what it says on standard error is thrown away. */
    public Process start(ProcessBuilder builder) {
        try {
            builder.environment().put(VARIABLE, mark);
            Process process =
                    builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A process that does nothing. */
    public Process sleep() {
        return start("sleep", "600");
    }

    /** Runs a command to its end, which must be a good one. */
    public static void run(String... command) {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends a signal to a process that this started, or that one of these started. */
    public static void signal(long pid, String name) {
        run("kill", "-s", name, Long.toString(pid));
    }

    /** How many processes and threads this process may start from now on, with all others of that user, who it belongs to. */
    public static void limitThreads(Process process, int user, int most) {
        // Root of a container may not do that to another user's.
        run(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "prlimit",
                "--pid",
                Long.toString(process.pid()),
                "--nproc=" + most + ":");
    }

    /** Stops a process and waits until it is stopped. */
    public static void stop(long pid) {
        signal(pid, "STOP");
        awaitState(pid, 'T');
    }

    /** Waits until the kernel says that the process is in this state. */
    public static void awaitState(long pid, char letter) {
        await().until(() -> {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) == letter;
        });
    }

    /** Waits until a process runs {@code sleep}, and sleeps: before that, it still starts. */
    public static void awaitSleep(long pid) {
        await().until(() -> name(pid).equals("sleep"));
        awaitState(pid, 'S');
    }

    /** Waits for a descendant that runs this program. */
    public ProcessHandle awaitDescendant(Process parent, String program) {
        ProcessHandle found = await().until(
                        () -> parent.toHandle()
                                .descendants()
                                .filter(child -> name(child.pid()).equals(program))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow();
        known.add(found);
        return found;
    }

    /** A child of a stopped shell, killed: nobody reaps it. */
    public long zombie() {
        Process shell = start("sh", "-c", "sleep 600; :");
        ProcessHandle child = awaitDescendant(shell, "sleep");
        stop(shell.pid());
        signal(child.pid(), "KILL");
        awaitState(child.pid(), 'Z');
        return child.pid();
    }

    /** Runs a shell script in a process that is not this one's descendant. */
    public long orphan(String script, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "sh -c \"$0\" \"$@\" < /dev/null > /dev/null & echo $!", script));
        command.addAll(List.of(arguments));
        Process shell = start(command.toArray(String[]::new));
        try {
            String line = shell.inputReader(StandardCharsets.US_ASCII).readLine();
            ProcessHandle orphan = ProcessHandle.of(Long.parseLong(line)).orElseThrow();
            known.add(orphan);
            assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return orphan.pid();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A process that holds a file open for reading; {@code before} is what to run it with. */
    public Process holding(Path file, String... before) {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of("sh", "-c", "exec sleep 600 < \"$0\"", file.toString()));
        return start(command.toArray(String[]::new));
    }

    /** A second JVM that runs {@link ChildJvm}, after {@code before}. */
    public Conversation jvm(List<String> before, Map<String, String> environment, Object... arguments) {
        return jvm(ChildJvm.class, before, environment, arguments);
    }

    /** A second JVM that runs this class. */
    public Conversation jvm(Class<?> main, Object... arguments) {
        return jvm(main, List.of(), Map.of(), arguments);
    }

    /** The same by way of another command, and in another environment. */
    public Conversation jvm(Class<?> main, List<String> before, Map<String, String> environment, Object... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Stream.of(arguments).map(String::valueOf).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return new Conversation(start(builder));
    }

    /** A second JVM that runs {@link ChildJvm}. */
    public Conversation jvm(Object... arguments) {
        return jvm(List.of(), Map.of(), arguments);
    }

    /** Zombies included: who reaps an orphan, and when, is not for a test to say. */
    private static boolean hasExited(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
            return !process.isAlive() || stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException gone) {
            return true;
        }
    }

    /** Returns the name of the program that a process runs; empty if there is none. */
    public static String name(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm"), StandardCharsets.ISO_8859_1)
                    .trim();
        } catch (IOException gone) {
            return "";
        }
    }

    /** Takes a process to be one that was started for the test. */
    public void know(long pid) {
        ProcessHandle.of(pid).ifPresent(known::add);
    }

    /** Ends what was started so far. */
    public void endAll() {
        for (Process process : started) {
            process.destroyForcibly().onExit().join();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        for (ProcessHandle process : List.copyOf(known)) {
            process.descendants().forEach(known::add);
        }
        for (Process process : started) {
            process.descendants().forEach(known::add);
            process.destroyForcibly();
        }
        known.forEach(ProcessHandle::destroyForcibly);
        for (Process process : started) {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        for (ProcessHandle process : known) {
            await().until(() -> hasExited(process));
        }
        await().until(() -> {
            // What was started while the others were ended.
            List<ProcessHandle> left = marked();
            left.forEach(ProcessHandle::destroyForcibly);
            return left.isEmpty();
        });
    }

    private List<ProcessHandle> marked() {
        return ProcessHandle.allProcesses()
                .filter(process -> environment(process.pid()).contains(VARIABLE + "=" + mark))
                .toList();
    }

    private static List<String> environment(long pid) {
        try {
            return List.of(Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1)
                    .split("\0", -1));
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** Line by line with a process. */
    public record Conversation(Process process, BufferedReader reader) {

        Conversation(Process process) {
            this(process, process.inputReader(StandardCharsets.UTF_8));
        }

        /** The next line it says; fails at its end. */
        public String hear() {
            try {
                String line = reader.readLine();
                assertThat(line).as("a line from the other JVM").isNotNull();
                return line;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Ends its standard input. */
        public void end() {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** What it says until it ends. */
        public List<String> rest() {
            return reader.lines().toList();
        }

        /** Says something to it. */
        public void say(String line) {
            try {
                process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
