package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.fresh.FreshApplication;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A new Spring Boot project with the guard as a dependency and no code of its own, run as processes. */
public final class FreshProject {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final Sandbox sandbox;
    private int runs;

    public FreshProject(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** A run that was started. */
    public final class Run {

        private final String name;
        private final Process process;

        private Run(String name, Process process) {
            this.name = name;
            this.process = process;
        }

        public Process process() {
            return process;
        }

        public String output() {
            try {
                return sandbox.output(name + ".out") + sandbox.output(name + ".err");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public int awaitExit() throws InterruptedException {
            assertThat(process.waitFor(240, SECONDS)).as(output()).isTrue();
            return process.exitValue();
        }

        /** The address of its server, once it is up. */
        public URI awaitServer() {
            await().atMost(240, SECONDS)
                    .until(() -> !process.isAlive() || PORT.matcher(output()).find());
            Matcher port = PORT.matcher(output());
            assertThat(port.find()).as(output()).isTrue();
            return URI.create("http://127.0.0.1:" + port.group(1));
        }

        public int status(String method, String path, String host) throws IOException {
            return status(awaitServer().getPort(), method, path, host);
        }

        public int status(int port, String method, String path, String host) throws IOException {
            return FreshProject.status(port, method, path, host);
        }

        public HttpResponse<String> get(String path) throws IOException, InterruptedException {
            return get(awaitServer(), path);
        }

        /** The same from the server that it started last. */
        public HttpResponse<String> getFromLatest(String path) throws IOException, InterruptedException {
            String latest = PORT.matcher(output())
                    .results()
                    .map(port -> port.group(1))
                    .reduce((earlier, later) -> later)
                    .orElseThrow();
            return get(URI.create("http://127.0.0.1:" + latest), path);
        }

        /** How often it has written this. */
        public int count(String text) {
            return output().split(Pattern.quote(text), -1).length - 1;
        }

        private static HttpResponse<String> get(URI server, String path) throws IOException, InterruptedException {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(server.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** The status that a raw request to this host's name on the loopback address is answered with. */
    private static int status(int port, String method, String path, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write("%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                            .formatted(method, path, host)
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
        }
    }

    /** The start of a command that runs a class of it with these options of the JVM. */
    public static List<String> java(List<String> classPath, String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of(options));
        command.add("-cp");
        command.add(String.join(File.pathSeparator, classPath));
        return command;
    }

    /** The start of a command that runs a class of it, from an archive. */
    public static List<String> java() {
        return SharedClasses.get().java();
    }

    /** Starts it on the sandbox's profile, with everything of the actuator exposed. */
    public Run start(List<String> java, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(java);
        command.add(FreshApplication.class.getName());
        command.add("--relaunch-guard.profile=" + sandbox.profile());
        command.add("--server.address=127.0.0.1");
        command.add("--server.port=0");
        command.add("--management.endpoints.web.exposure.include=*");
        command.addAll(List.of(arguments));
        String name = "fresh-" + ++runs;
        return new Run(name, sandbox.start(name, command));
    }

    /**
     * Its class path: what the executable jar has, which is what the guard, the web and the actuator starters bring, and the
     * project's own classes.
     */
    public static List<String> classPath() throws IOException {
        try (JarFile jar = new JarFile(System.getProperty("relaunchguard.jar"))) {
            Set<String> libraries = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith("BOOT-INF/lib/") && name.endsWith(".jar"))
                    .map(name -> name.substring("BOOT-INF/lib/".length()))
                    .collect(Collectors.toSet());
            return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                    .filter(entry ->
                            libraries.contains(Path.of(entry).getFileName().toString())
                                    || entry.contains("guard-core")
                                    || entry.contains("guard-platform")
                                    || entry.contains("guard-statemachine")
                                    || entry.endsWith("test-classes"))
                    .toList();
        }
    }
}
