package io.relaunchguard.it.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An X server without a screen, of a test's own, with a window manager as people have one. */
public final class Display implements AutoCloseable {

    private static final Pattern WINDOW = Pattern.compile("0x\\p{XDigit}+");

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
        return open(name -> {
            Process openbox = start(name, Map.of(), "openbox", "--sm-disable", "--startup", "echo started");
            awaitLine(openbox, "started");
            return openbox;
        });
    }

    /**
     * Starts one on which no window comes before the one that a person works in without that person's click, for tests that need
     * Xvfb, Metacity and xprop.
     */
    public static Display openPreventingFocusStealing() throws IOException {
        return open(name -> {
            Process properties = start(name, Map.of(), "xprop", "-root", "-spy");
            Process metacity =
                    start(name, Map.of("GSETTINGS_BACKEND", "memory", "NO_AT_BRIDGE", "1"), "metacity", "--sm-disable");
            awaitLine(properties, "_NET_SUPPORTING_WM_CHECK(WINDOW)");
            properties.destroy();
            return metacity;
        });
    }

    private interface WindowManager {

        /** Starts it; it is ready when this returns. */
        Process start(String display) throws IOException;
    }

    private static Display open(WindowManager windowManager) throws IOException {
        Process server =
                start("", Map.of(), "Xvfb", "-displayfd", "1", "-screen", "0", "2048x1536x24", "-nolisten", "tcp");
        try {
            String name = ":" + awaitLine(server, "");
            return new Display(server, windowManager.start(name), name);
        } catch (IOException | RuntimeException e) {
            server.destroy();
            throw e;
        }
    }

    private static Process start(String display, Map<String, String> environment, String... command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        builder.environment().put("DISPLAY", display);
        return Reaper.endsWithThisJvm(builder).start();
    }

    private static String awaitLine(Process process, String beginning) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.US_ASCII);
        String line = output.readLine();
        while (line != null && !line.startsWith(beginning)) {
            line = output.readLine();
        }
        if (line == null) {
            throw new IOException("The X server or its window manager has ended before it was ready");
        }
        return line;
    }

    /** What a program's DISPLAY is set to. */
    public String name() {
        return name;
    }

    /** How many windows of a process its window manager has, for tests that need xprop. */
    public long windowsOf(ProcessHandle process) throws IOException {
        Matcher window = WINDOW.matcher(xprop("-root", "_NET_CLIENT_LIST"));
        long windows = 0;
        while (window.find()) {
            if (xprop("-id", window.group(), "_NET_WM_PID").endsWith(" = " + process.pid())) {
                windows++;
            }
        }
        return windows;
    }

    private String xprop(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("xprop"));
        command.addAll(List.of(arguments));
        return awaitLine(start(name, Map.of(), command.toArray(String[]::new)), "");
    }

    @Override
    public void close() {
        // A window manager ends with its server.
        server.destroy();
        List.of(server, windowManager).forEach(process -> process.onExit().join());
    }
}
