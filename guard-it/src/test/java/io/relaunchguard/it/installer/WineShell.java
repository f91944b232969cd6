package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.quoted;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.harness.Wine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Programs and files of a Windows. Everything is started through scripts in UTF-8, as Java passes no letters on that its own
 * locale does not know. What is started here is one process, so that the exit code and the life of the Windows program are
 * those of the {@link Process}.
 */
final class WineShell implements AutoCloseable {

    private final Sandbox sandbox = new Sandbox();
    private final Shell shell = new Shell(sandbox);
    private final Path prefix;
    private final String wine;

    WineShell(Wine windows) throws IOException {
        prefix = windows.prefix();
        StringBuilder command = new StringBuilder("/usr/bin/env LC_ALL=C.UTF-8 ");
        windows.environment()
                .forEach((name, value) ->
                        command.append(quoted(name + "=" + value)).append(' '));
        wine = command.append(Wine.PROGRAM).append(' ').toString();
    }

    /** Starts a Windows program. */
    Process start(String program, String... arguments) throws IOException {
        StringBuilder script = new StringBuilder("exec ").append(wine).append(quoted(program));
        for (String argument : arguments) {
            script.append(' ').append(quoted(argument));
        }
        return shell.start(script.toString());
    }

    /** Copies a file of this host to a path of that Windows. */
    void copy(Path source, String target) throws IOException, InterruptedException {
        String destination = quoted(unix(target));
        shell.run("mkdir -p \"$(dirname %s)\" && cp '%s' %s".formatted(destination, source, destination));
    }

    /** Whether both have the same content. */
    boolean isCopy(Path source, String target) throws IOException, InterruptedException {
        return shell.succeeds("cmp -s '%s' %s".formatted(source, quoted(unix(target))));
    }

    boolean exists(String path) throws IOException, InterruptedException {
        return shell.succeeds("test -e " + quoted(unix(path)));
    }

    void awaitFile(String path) {
        await(path).atMost(60, SECONDS).until(() -> exists(path));
    }

    /** Whether a program runs that was started with this command line. */
    boolean runs(String commandLine) throws IOException {
        String wanted = commandLine.replace(" ", "");
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            for (ProcessHandle process : all.toList()) {
                try {
                    Path file = Path.of("/proc/" + process.pid() + "/cmdline");
                    if (Files.readString(file, StandardCharsets.ISO_8859_1)
                            .replace("\0", "")
                            .replace(" ", "")
                            .startsWith(wanted)) {
                        return true;
                    }
                } catch (IOException gone) {
                    // It ended meanwhile: not the one.
                }
            }
        }
        return false;
    }

    /** What a program wrote that was started here. */
    String output(Process process) throws IOException {
        return shell.output(process);
    }

    private String unix(String path) {
        return prefix + "/drive_c/" + path.substring("C:\\".length()).replace('\\', '/');
    }

    @Override
    public void close() {
        sandbox.close();
    }

    /** Words of a command line: what NSIS takes up to its end, spaces and all, must not be quoted. */
    static String[] words(String commandLine) {
        return commandLine.split(" ", -1);
    }
}
