package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus server. It ends with its sandbox. */
public final class PrometheusServer {

    private static final String READY = "/-/ready";

    private final Process process;
    private final int port;

    private PrometheusServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a server with a configuration file of this text, and waits until it answers. */
    public static PrometheusServer start(Sandbox sandbox, String configuration) throws IOException {
        int port = freePort();
        Process process = sandbox.start(
                "prometheus",
                List.of(
                        "/usr/bin/prometheus",
                        "--config.file=" + Files.writeString(sandbox.root().resolve("prometheus.yml"), configuration),
                        "--storage.tsdb.path=" + sandbox.root().resolve("prometheus"),
                        "--web.listen-address=127.0.0.1:" + port));
        awaitAnswer(port, READY);
        return new PrometheusServer(process, port);
    }

    /** Starts a Pushgateway, waits until it answers, and returns its port. */
    public static int startPushgateway(Sandbox sandbox) throws IOException {
        int port = freePort();
        sandbox.start(
                "pushgateway", List.of("/usr/bin/prometheus-pushgateway", "--web.listen-address=127.0.0.1:" + port));
        awaitAnswer(port, READY);
        return port;
    }

    /** Checks or tests rules with promtool. */
    public static void promtool(Sandbox sandbox, String command, Path rules) throws IOException, InterruptedException {
        Cli.Run run = new Cli(sandbox).run(List.of("/usr/bin/promtool", command, "rules", rules.toString()));
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    }

    public Process process() {
        return process;
    }

    /** Returns the elements of the instant vector that an expression evaluates to now. */
    public List<JsonNode> query(String expression) throws IOException, InterruptedException {
        HttpResponse<String> response = get(port, "/api/v1/query?query=" + encoded(expression));
        JsonNode answer = JsonMapper.shared().readTree(response.body());
        assertThat(answer.path("status").asString()).as(response.body()).isEqualTo("success");
        return StreamSupport.stream(answer.path("data").path("result").spliterator(), false)
                .toList();
    }

    /** Returns the value of an element. */
    public static String value(JsonNode element) {
        return element.path("value").path(1).asString();
    }

    /** Returns the address of the server's own page with a table for each expression. */
    public String page(List<String> expressions) {
        return "http://127.0.0.1:%d/classic/graph?".formatted(port)
                + IntStream.range(0, expressions.size())
                        .mapToObj(index ->
                                "g%d.expr=%s&g%d.tab=1".formatted(index, encoded(expressions.get(index)), index))
                        .collect(Collectors.joining("&"));
    }

    private static void awaitAnswer(int port, String path) {
        await().atMost(60, SECONDS)
                .ignoreExceptionsInstanceOf(IOException.class) // it does not listen yet
                .until(() -> get(port, path).statusCode() == 200);
    }

    private static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static String encoded(String expression) {
        return URLEncoder.encode(expression, StandardCharsets.UTF_8);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
