package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.quoted;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Preconditions;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Windows of a test's own: a Wine prefix and an X server for its windows. Everything is started through scripts in UTF-8,
 * as Java passes no letters on that its own locale does not know. What is started here is one process, so that the exit code
 * and the life of the Windows program are those of the {@link Process}.
 */
final class Wine implements AutoCloseable {

    private static final Path WINE = Path.of("/usr/lib/wine/wine64");
    private static final Path SERVER = Path.of("/usr/lib/wine/wineserver");

    private final Sandbox sandbox;
    private final Path prefix;
    private final String environment;
    private final Shell shell;

    Wine() throws IOException, InterruptedException {
        Preconditions.needs(Files.isExecutable(WINE), "Wine at " + WINE);
        Preconditions.needsProgram("Xvfb");
        sandbox = new Sandbox();
        shell = new Shell(sandbox);
        prefix = sandbox.root().resolve("prefix");
        Files.createDirectories(prefix);
        sandbox.start(
                "xvfb", List.of("/usr/bin/Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "640x480x24"));
        await().atMost(20, SECONDS).until(() -> sandbox.output("xvfb.out").endsWith("\n"));
        environment = "/usr/bin/env WINEPREFIX=%s HOME=%s DISPLAY=:%s LC_ALL=C.UTF-8 WINEDEBUG=-all"
                        .formatted(
                                prefix,
                                sandbox.root(),
                                sandbox.output("xvfb.out").trim())
                + " 'WINEDLLOVERRIDES=winemenubuilder.exe=d;mscoree=d;mshtml=d' ";
        shell.run(environment + WINE + " wineboot -i");
    }

    /** Starts a Windows program. */
    Process start(String program, String... arguments) throws IOException {
        StringBuilder script = new StringBuilder("exec ").append(environment).append(WINE);
        script.append(' ').append(quoted(program));
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
        await(path).atMost(20, SECONDS).until(() -> exists(path));
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
    public void close() throws IOException {
        try {
            long device = ((Number) Files.getAttribute(prefix, "unix:dev")).longValue();
            long inode = ((Number) Files.getAttribute(prefix, "unix:ino")).longValue();
            shell.start(environment + SERVER + " -k; " + environment + SERVER + " -w")
                    .onExit()
                    .orTimeout(30, SECONDS)
                    .join();
            Path server = Path.of("/tmp/.wine-" + Files.getAttribute(prefix, "unix:uid"))
                    .resolve("server-%x-%x".formatted(device, inode));
            if (Files.isDirectory(server)) {
                try (Stream<Path> files = Files.walk(server)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        } finally {
            sandbox.close();
        }
    }

    /** Words of a command line: what NSIS takes up to its end, spaces and all, must not be quoted. */
    static String[] words(String commandLine) {
        return commandLine.split(" ", -1);
    }
}
