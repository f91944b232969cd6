package io.relaunchguard.it.installer;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs scripts that are written in UTF-8: Java passes no letters on that its own locale does not know. */
final class Shell {

    private final Sandbox sandbox;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Process, String> names = new ConcurrentHashMap<>();

    Shell(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    Process start(String script) throws IOException {
        String name = "script-" + count.incrementAndGet();
        Path file = sandbox.root().resolve(name);
        Files.writeString(file, script + "\n");
        Process process = sandbox.start(name, List.of("/bin/sh", file.toString()));
        names.put(process, name);
        return process;
    }

    boolean succeeds(String script) throws IOException, InterruptedException {
        return start(script).waitFor() == 0;
    }

    /** For what is not expected to fail. */
    void run(String script) throws IOException, InterruptedException {
        Process process = start(script);
        if (process.waitFor() != 0) {
            throw new IOException(script + " failed: " + output(process));
        }
    }

    /** Standard output, then standard error. */
    String output(Process process) throws IOException {
        String name = names.get(process);
        return sandbox.output(name + ".out") + sandbox.output(name + ".err");
    }

    /** Whether a process goes on: the end of one that was killed is seen a moment later. */
    static boolean lives(Process process) throws InterruptedException {
        return !process.waitFor(500, MILLISECONDS);
    }

    static String quoted(Object argument) {
        return "'" + argument.toString().replace("'", "'\\''") + "'";
    }
}
