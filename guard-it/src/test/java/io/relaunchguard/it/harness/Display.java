package io.relaunchguard.it.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An X server without a screen, of a test's own. */
public final class Display implements AutoCloseable {

    private static final Path XVFB = Path.of("/usr/bin/Xvfb");

    private final Process server;
    private final String name;

    private Display(Process server, String name) {
        this.server = server;
        this.name = name;
    }

    /** Starts it; the test that asks is skipped where there is no Xvfb, and fails in CI. */
    public static Display open() throws IOException {
        Preconditions.needs(Files.isExecutable(XVFB), "Xvfb");
        Process server = new ProcessBuilder(
                        XVFB.toString(), "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Display(
                server, ":" + server.inputReader(StandardCharsets.US_ASCII).readLine());
    }

    /** What a program's DISPLAY is set to. */
    public String name() {
        return name;
    }

    @Override
    public void close() {
        server.destroy();
        server.onExit().join();
    }
}
