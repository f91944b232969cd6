package io.relaunchguard.it.cli;

import io.relaunchguard.core.PrintableText;
import io.relaunchguard.statemachine.LaunchPermit;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The application that a launch permits: started, watched until it has its own lock, and waited for. */
final class Application {

    private final List<String> command;
    private final boolean outputToStandardError;
    private @Nullable Process started;
    private boolean toEnd;

    Application(List<String> command, boolean outputToStandardError) {
        this.command = command;
        this.outputToStandardError = outputToStandardError;
    }

    /**
     * Returns why the program cannot be started, as far as that shows before it is tried. On Windows, which completes
     * names and searches more than the path, nothing shows.
     */
    static Optional<String> obstacle(String program) {
        if (File.separatorChar != '/') {
            return Optional.empty();
        }
        if (!program.contains("/")) {
            String path = Objects.requireNonNullElse(System.getenv("PATH"), ":/bin:/usr/bin");
            return Pattern.compile(":").splitAsStream(path).anyMatch(directory -> mayHaveProgram(directory, program))
                    ? Optional.empty()
                    : Optional.of("there is no program of this name in PATH");
        }
        Path file = Path.of(program);
        if (!Files.exists(file)) {
            return Optional.of("there is no such file");
        }
        return isProgram(file) ? Optional.empty() : Optional.of("this user may not execute it, or it is a directory");
    }

    /** A directory whose name this JVM cannot decode, as in the C locale, is searched by the system alone. */
    private static boolean mayHaveProgram(String directory, String program) {
        try {
            return isProgram(Path.of(directory, program));
        } catch (InvalidPathException undecodable) {
            return true;
        }
    }

    private static boolean isProgram(Path file) {
        return Files.isExecutable(file) && !Files.isDirectory(file);
    }

    /**
     * Starts it and returns its exit code. The permit is closed as soon as the application holds the browser's lock. A
     * launcher that is asked to end while it starts the application, or before, leaves no application behind.
     */
    int run(LaunchPermit permit) throws InterruptedException {
        Thread endWithUs = new Thread(this::end, "end-application");
        try {
            Runtime.getRuntime().addShutdownHook(endWithUs);
        } catch (IllegalStateException endingAlready) {
            return ExitCodes.NOT_STARTED;
        }
        try {
            Process process = start();
            if (process == null) {
                return ExitCodes.NOT_STARTED;
            }
            permit.usedBy(process.pid());
            closeOnceLocked(permit);
            if (outputToStandardError) {
                copy(process.getInputStream());
            }
            int exitCode = process.waitFor();
            permit.ended();
            return exitCode;
        } catch (IOException e) {
            System.err.println("relaunch-guard: \"%s\" cannot be started: %s"
                    .formatted(PrintableText.of(command.get(0)), PrintableText.of(String.valueOf(e.getMessage()))));
            return ExitCodes.NOT_STARTED;
        } finally {
            removeHook(endWithUs);
        }
    }

    /** Returns null if it is to end already. */
    synchronized @Nullable Process start() throws IOException {
        if (!toEnd) {
            started = new ProcessBuilder(command)
                    .redirectInput(Redirect.INHERIT)
                    .redirectError(Redirect.INHERIT)
                    .redirectOutput(outputToStandardError ? Redirect.PIPE : Redirect.INHERIT)
                    .start();
        }
        return started;
    }

    private static void closeOnceLocked(LaunchPermit permit) {
        try {
            permit.closeOnceLocked();
        } catch (UncheckedIOException e) {
            System.err.println("relaunch-guard: other launchers wait until the application ends: " + e.getMessage());
        }
    }

    private static void copy(InputStream output) {
        try (output) {
            output.transferTo(System.err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Passes a request to end on to the application, and lets it finish; one that is not started yet never is. */
    void end() {
        Process process;
        synchronized (this) {
            toEnd = true;
            process = started;
        }
        if (process != null) {
            process.destroy();
            process.onExit().join();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is running; it has nothing left to do.
            return;
        }
    }
}
