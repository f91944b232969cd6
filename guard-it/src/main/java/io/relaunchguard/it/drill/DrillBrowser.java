package io.relaunchguard.it.drill;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real browser without a window, on the profile of a drill. */
final class DrillBrowser implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://127\\.0\\.0\\.1:(\\d+)/.*");
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final Process process;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final List<ProcessHandle> helpers = new ArrayList<>();

    private DrillBrowser(Process process) {
        this.process = process;
        Thread reader = new Thread(this::listen, "drill-browser-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Returns the first of these files that exists. */
    static Optional<Path> find(List<Path> places) {
        return places.stream().filter(Files::isExecutable).findFirst();
    }

    static DrillBrowser start(Path program, Path profile) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        program.toString(),
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
                        "about:blank")
                .redirectOutput(Redirect.DISCARD);
        if (System.getProperty("os.name", "").equals("Linux")) {
            // What it leaves in the temporary directory goes with the profile; on macOS the path would be too long for
            // a socket.
            builder.environment()
                    .put("TMPDIR", Files.createDirectories(profile.resolve("t")).toString());
        }
        return new DrillBrowser(builder.start());
    }

    /** Returns what the browser says of its version, or its path if asking would open a window. */
    static String describe(Path program, boolean hasVersion) throws IOException, InterruptedException {
        if (!hasVersion) {
            return program.toString();
        }
        Process asked = new ProcessBuilder(program.toString(), "--version")
                .redirectError(Redirect.DISCARD)
                .start();
        String version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        asked.waitFor();
        return "%s (%s)".formatted(version, program);
    }

    /** Waits until the browser answers, which it does once it has its lock. */
    void awaitReady(Duration patience) throws IOException, InterruptedException {
        try {
            port.get(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the browser does not start", e);
        } finally {
            process.descendants().forEach(helpers::add);
        }
    }

    Process process() {
        return process;
    }

    long pid() {
        return process.pid();
    }

    /** Returns whether the browser is alive, and whether it answers, in words. */
    String condition() throws InterruptedException {
        return (process.isAlive() ? ", alive" : ", DEAD") + (answers() ? ", answers" : ", MUTE");
    }

    /** Returns whether the browser answers a request: a stopped or wedged browser does not. */
    boolean answers() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d/json/version".formatted(port.join())))
                .timeout(ANSWER)
                .build();
        try {
            return HttpClient.newHttpClient()
                            .send(request, BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Ends the browser and what it started. */
    @Override
    public void close() {
        process.descendants().forEach(helpers::add);
        kill();
        helpers.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        helpers.forEach(helper -> helper.onExit()
                .completeOnTimeout(helper, ANSWER.toSeconds(), TimeUnit.SECONDS)
                .join());
    }

    /** Reads the port on which the browser answers, and reads on, so that the browser never waits for a reader. */
    private void listen() {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            lines.lines()
                    .map(LISTENING::matcher)
                    .filter(Matcher::matches)
                    .forEach(line -> port.complete(Integer.parseInt(line.group(1))));
        } catch (IOException | UncheckedIOException e) {
            port.completeExceptionally(e);
        }
        port.completeExceptionally(new IOException("the browser has ended"));
    }
}
