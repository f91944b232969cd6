package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real Chromium, headless, on a sandbox's profile. */
public final class Chromium {

    public static final Path PROGRAM = Path.of("/usr/bin/chromium");

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Sandbox sandbox;
    private final String name;
    private final Process process;

    private Chromium(Sandbox sandbox, String name, Process process) {
        this.sandbox = sandbox;
        this.name = name;
        this.process = process;
    }

    public static List<String> command(Path profile) {
        return List.of(
                PROGRAM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank");
    }

    /** Starts it and waits until it has the lock and answers. */
    public static Chromium start(Sandbox sandbox, String name, String... prefix) throws IOException {
        Files.deleteIfExists(sandbox.profile().resolve("DevToolsActivePort"));
        List<String> command = new ArrayList<>(List.of(prefix));
        command.addAll(command(sandbox.profile()));
        Chromium chromium = new Chromium(sandbox, name, sandbox.start(name, command));
        await().atMost(PATIENCE).until(chromium::isReady);
        sandbox.adoptTree(chromium.process.toHandle());
        return chromium;
    }

    public Process process() {
        return process;
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    public long pid() {
        return process.pid();
    }

    /** Whether it has its lock and its DevTools answer a request: a stopped or wedged one does not. */
    public boolean isReady() {
        return sandbox.lockTarget().isPresent() && answersDevTools(sandbox.profile());
    }

    /** Whether the browser on this profile answers a DevTools request. */
    public static boolean answersDevTools(Path profile) {
        try {
            List<String> port = Files.readAllLines(profile.resolve("DevToolsActivePort"));
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + port.get(0) + "/json/version"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return HttpClient.newHttpClient()
                            .send(request, BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException | IndexOutOfBoundsException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What it said on standard error about a database or lock that it could not use. */
    public List<String> databaseErrors() throws IOException {
        return sandbox.output(name + ".err")
                .lines()
                // A browser that was killed while it started leaves half a cache, which the next one makes anew.
                .filter(line -> !line.contains("net/disk_cache"))
                .filter(line -> line.contains("database is locked")
                        || line.contains("LOCK")
                        || line.contains("Unable to open")
                        || line.contains("Failed to open"))
                .toList();
    }

    /** The processes that belong to it now. */
    public List<ProcessHandle> helpers() {
        return sandbox.adoptTree(process.toHandle());
    }

    public void kill() {
        process.destroyForcibly().onExit().orTimeout(30, SECONDS).join();
    }
}
