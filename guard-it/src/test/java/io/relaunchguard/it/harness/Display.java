package io.relaunchguard.it.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An X server without a screen, of a test's own, with a window manager as people have one. */
public final class Display implements AutoCloseable {

    private final Process server;
    private final Process windowManager;
    private final String name;

    private Display(Process server, Process windowManager, String name) {
        this.server = server;
        this.windowManager = windowManager;
        this.name = name;
    }

    /** Starts it, for tests that need Xvfb and Openbox. */
    public static Display open() throws IOException {
        Process server = start("", "Xvfb", "-displayfd", "1", "-screen", "0", "2048x1536x24", "-nolisten", "tcp");
        try {
            String name = ":" + firstLine(server);
            Process windowManager = start(name, "openbox", "--sm-disable", "--startup", "echo started");
            firstLine(windowManager);
            return new Display(server, windowManager, name);
        } catch (IOException | RuntimeException e) {
            server.destroy();
            throw e;
        }
    }

    private static Process start(String display, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("DISPLAY", display);
        return Reaper.endsWithThisJvm(builder).start();
    }

    private static String firstLine(Process process) throws IOException {
        String line = process.inputReader(StandardCharsets.US_ASCII).readLine();
        if (line == null) {
            throw new IOException("Xvfb or Openbox has ended before it was ready");
        }
        return line;
    }

    /** What a program's DISPLAY is set to. */
    public String name() {
        return name;
    }

    @Override
    public void close() {
        for (Process process : List.of(windowManager, server)) {
            process.destroy();
            process.onExit().join();
        }
    }
}
