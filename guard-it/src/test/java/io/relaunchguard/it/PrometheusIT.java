package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.HeldUpdates;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.net.HttpURLConnection;
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
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus server that scrapes launchers: one that had to end a wedged instance, and one after others were held. */
@Tag("long")
@Needs(Need.PROMETHEUS)
class PrometheusIT {

    private static final Path DOCUMENTS = Path.of("../docs/observability").toAbsolutePath();
    private static final Pattern METRIC = Pattern.compile("relaunch_guard_\\w+");

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private int port;

    @Test
    void scrapesEveryMeterAndEvaluatesTheDashboardAndTheAlerts() throws Exception {
        FreshProject.Run launcher = launcherThatEndedAWedgedInstance();
        startPrometheus(launcher.awaitServer().getPort());

        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(
                                query("relaunch_guard_launch_seconds_count{outcome=\"ready\", verdict=\"reap\"}"))
                        .singleElement()
                        .satisfies(result -> assertThat(value(result)).isEqualTo("1")));
        assertThat(query("relaunch_guard_state_current == 1"))
                .singleElement()
                .satisfies(
                        result -> assertThat(result.path("metric").path("state").asString())
                                .isEqualTo("ready"));
        assertThat(query("relaunch_guard_signal_total{signal=\"kill\", result=\"delivered\"}"))
                .singleElement()
                .satisfies(result -> assertThat(value(result)).isEqualTo("1"));
        assertThat(query("relaunch_guard_predicate_total{predicate=\"marker-present\", result=\"holds\"}"))
                .hasSize(1);
        assertThat(query("relaunch_guard_transition_total{from=\"kill\", to=\"preflight\"}"))
                .hasSize(1);

        List<String> expressions = expressionsOfTheDashboard();
        assertThat(expressions).hasSizeGreaterThan(5).allSatisfy(this::asksForWhatIsThere);
        List<String> alerts = expressionsOfTheAlerts();
        assertThat(alerts).hasSize(5).allSatisfy(this::asksForWhatIsThere);
        assertThat(query(alerts.get(0))).as("no user was left outside").isEmpty();
        assertThat(query(alerts.get(1))).as("an instance was ended by force").hasSize(1);
    }

    @Test
    void updatesThatLeftUsersOutsideAreCountedOnceByTheNextLaunchThatIsReady() throws Exception {
        HeldUpdates.leave(20, sandbox);

        FreshProject.Run launcher = new FreshProject(sandbox).start(FreshProject.java());
        startPrometheus(launcher.awaitServer().getPort());

        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(
                                query("sum(relaunch_guard_launch_seconds_count{outcome=\"held\", verdict=\"spare\"})"))
                        .singleElement()
                        .satisfies(result -> assertThat(value(result)).isEqualTo("20")));
        assertThat(query("sum(relaunch_guard_launch_seconds_count{outcome=\"ready\"})"))
                .singleElement()
                .satisfies(result -> assertThat(value(result)).isEqualTo("1"));
        assertThat(query(expressionsOfTheDashboard().get(0)))
                .as("the first panel")
                .singleElement()
                .satisfies(result -> assertThat(value(result)).isEqualTo("20"));
        assertThat(query(expressionsOfTheAlerts().get(0)))
                .as("the first alert")
                .singleElement()
                .satisfies(result -> assertThat(value(result)).isEqualTo("20"));

        launcher.process().destroyForcibly();
        launcher.awaitExit();
        FreshProject.Run next = new FreshProject(sandbox).start(FreshProject.java());
        assertThat(next.get("/actuator/prometheus").body())
                .as("none is counted twice, though the one that counted them was killed")
                .containsPattern("relaunch_guard_launch_seconds_count\\{.*outcome=\"ready\".*} 1")
                .doesNotContain("outcome=\"held\"");
    }

    @Test
    void theAlertRulesAreRightAndFireWhenTheyShould() throws Exception {
        Cli.Run check = run(
                "/usr/bin/promtool",
                "check",
                "rules",
                DOCUMENTS.resolve("relaunch-guard-alerts.yml").toString());
        assertThat(check.exitCode()).as(check.out() + check.err()).isZero();
        Cli.Run test = run(
                "/usr/bin/promtool",
                "test",
                "rules",
                DOCUMENTS.resolve("relaunch-guard-alerts-test.yml").toString());
        assertThat(test.exitCode()).as(test.out() + test.err()).isZero();
    }

    /** It is deaf to requests: a shell that ignores them. */
    private FreshProject.Run launcherThatEndedAWedgedInstance() throws Exception {
        Process old = sandbox.start("old", List.of("sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"));
        await().atMost(60, SECONDS).until(() -> sandbox.output("old.out").contains("deaf"));
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip() + "-" + old.pid());
        new Cli(sandbox).mark(old.pid());
        return new FreshProject(sandbox)
                .start(
                        FreshProject.java(),
                        "--relaunch-guard.teardown-grace=100ms",
                        "--relaunch-guard.teardown-grace-limit=100ms",
                        "--relaunch-guard.term-grace=300ms");
    }

    private void startPrometheus(int scraped) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path configuration = Files.writeString(sandbox.root().resolve("prometheus.yml"), """
                global:
                  scrape_interval: 1s
                rule_files:
                  - %s
                scrape_configs:
                  - job_name: launcher
                    metrics_path: /actuator/prometheus
                    static_configs:
                      - targets: ["127.0.0.1:%d"]
                """.formatted(
                        DOCUMENTS.resolve("relaunch-guard-alerts.yml"), scraped));
        sandbox.start(
                "prometheus",
                List.of(
                        "/usr/bin/prometheus",
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + sandbox.root().resolve("prometheus"),
                        "--web.listen-address=127.0.0.1:" + port));
    }

    /** It evaluates, and every series that it names has been scraped. */
    private void asksForWhatIsThere(String expression) throws IOException, InterruptedException {
        assertThat(query(expression)).isNotNull();
        assertThat(METRIC.matcher(expression).results().map(MatchResult::group))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(query(name)).as(name).isNotEmpty());
    }

    private List<JsonNode> query(String expression) throws IOException, InterruptedException {
        HttpResponse<String> response;
        try {
            response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/query?query=%s"
                                            .formatted(port, URLEncoder.encode(expression, StandardCharsets.UTF_8))))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (IOException notYetUp) {
            return List.of();
        }
        if (response.statusCode() == HttpURLConnection.HTTP_UNAVAILABLE) { // it has begun to listen, and reads its data
            return List.of();
        }
        JsonNode answer = JsonMapper.shared().readTree(response.body());
        assertThat(answer.path("status").asString()).as(response.body()).isEqualTo("success");
        return StreamSupport.stream(answer.path("data").path("result").spliterator(), false)
                .toList();
    }

    private static String value(JsonNode result) {
        return result.path("value").path(1).asString();
    }

    private static List<String> expressionsOfTheDashboard() throws IOException {
        JsonNode dashboard =
                JsonMapper.shared().readTree(Files.readString(DOCUMENTS.resolve("relaunch-guard-dashboard.json")));
        return dashboard.findValues("expr").stream()
                .map(JsonNode::asString)
                .map(expression -> expression.replace("$job", ".*"))
                .toList();
    }

    private static List<String> expressionsOfTheAlerts() throws IOException {
        return Files.readAllLines(DOCUMENTS.resolve("relaunch-guard-alerts.yml")).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("expr: "))
                .map(line -> line.substring("expr: ".length()))
                .toList();
    }

    private Cli.Run run(String... command) throws IOException, InterruptedException {
        return new Cli(sandbox).run(List.of(command));
    }
}
