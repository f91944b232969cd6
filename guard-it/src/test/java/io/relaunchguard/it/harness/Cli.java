package io.relaunchguard.it.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.RelaunchGuardCommand;
import io.relaunchguard.it.SmallCommand;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reference launcher, run in a process of its own as a user runs it. */
public final class Cli {

    private static final Path JAR = Path.of(System.getProperty("relaunchguard.jar"));
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Sandbox sandbox;
    private final Path jar;
    private final Supplier<List<String>> launcher;
    private int runs;

    public Cli(Sandbox sandbox) {
        this(sandbox, JAR, Cli::command);
    }

    private Cli(Sandbox sandbox, Path jar, Supplier<List<String>> launcher) {
        this.sandbox = sandbox;
        this.jar = jar;
        this.launcher = launcher;
    }

    /** The one in the small jar. */
    public static Cli small(Sandbox sandbox) {
        Path jar = Path.of(System.getProperty("relaunchguard.small-jar"));
        List<String> launcher = SharedClasses.jvm();
        launcher.addAll(List.of("-cp", jar.toString(), SmallCommand.class.getName()));
        return new Cli(sandbox, jar, () -> launcher);
    }

    /** What a run left. */
    public record Run(int exitCode, String out, String err) {

        public JsonNode json() {
            return MAPPER.readTree(out);
        }

        public String outcome() {
            return json().path("outcome").asString();
        }

        public String reason() {
            return json().path("verdict").path("reason").asString("");
        }

        public List<String> signals() {
            return StreamSupport.stream(json().path("signals").spliterator(), false)
                    .map(signal -> signal.path("signal").asString() + " "
                            + signal.path("pid").asLong())
                    .toList();
        }

        public List<String> states() {
            return StreamSupport.stream(json().path("timeline").spliterator(), false)
                    .map(visit -> visit.path("state").asString())
                    .toList();
        }
    }

    /** It by its class path, which starts faster than the jar. */
    public static List<String> command(String... arguments) {
        List<String> command = SharedClasses.get().launcher();
        command.add(RelaunchGuardCommand.class.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /** The same for the one that this is. */
    public List<String> line(String... arguments) {
        List<String> line = new ArrayList<>(launcher.get());
        line.addAll(List.of(arguments));
        return line;
    }

    /** The jar itself. */
    public List<String> jar(String... arguments) {
        return jar(jar, arguments);
    }

    private static List<String> jar(Path jar, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-jar", jar.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The jar, as another user starts it: a copy that everybody can read, in a sandbox that everybody can use. */
    public List<String> jarForEverybody(String... arguments) throws IOException {
        Path readable = Files.copy(jar, sandbox.root().resolve("launcher.jar"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(sandbox.root(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(sandbox.temporary(), PosixFilePermissions.fromString("rwxrwxrwx"));
        return jar(readable, arguments);
    }

    /** Runs a command to its end. */
    public Run run(String... arguments) throws IOException, InterruptedException {
        return run(line(arguments));
    }

    public Run run(List<String> command) throws IOException, InterruptedException {
        assertThat(jar).as("the executable jar; build it with mvn package").exists();
        String name = "cli-" + ++runs;
        Process process = sandbox.start(name, command);
        assertThat(process.waitFor(600, TimeUnit.SECONDS)).as(name + " ends").isTrue();
        return new Run(process.exitValue(), sandbox.output(name + ".out"), sandbox.output(name + ".err"));
    }

    /** Starts a command; its output is in {@code <name>.out} and {@code <name>.err}. */
    public Process start(String name, String... arguments) throws IOException {
        Files.deleteIfExists(sandbox.root().resolve(name + ".err"));
        return sandbox.start(name, line(arguments));
    }

    /** Runs {@code launch --json} with short waits on the sandbox's profile. */
    public Run launch(String... more) throws IOException, InterruptedException {
        return run(launchArguments(more));
    }

    /** Does the same where the kernel refuses system calls. */
    public Run launchWithout(Set<RefusedCalls.Call> calls, RefusedCalls.Answer answer, String... more)
            throws IOException, InterruptedException {
        List<String> command = RefusedCalls.launcher(calls, answer);
        command.addAll(List.of(launchArguments(more)));
        return run(command);
    }

    private String[] launchArguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT0.4S",
                "--teardown-grace-limit=PT1.2S",
                "--cache-release=PT0.7S",
                "--launcher-wait=PT1S"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Does what the command "mark" does, and needs no JVM of its own for it. */
    public void mark(long pid) throws IOException {
        new MarkerWriter(LaunchGuard.currentPlatform().open(sandbox.profile()))
                .write(pid, "1", "2", Duration.ofSeconds(10));
    }
}
