package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Browser;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.HeldUpdates;
import io.relaunchguard.it.harness.PrometheusServer;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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

    private PrometheusServer prometheus;

    @Test
    void scrapesEveryMeterAndEvaluatesTheDashboardAndTheAlerts() throws Exception {
        FreshProject.Run launcher = launcherThatEndedAWedgedInstance();
        startPrometheus(launcher.awaitServer().getPort());

        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(prometheus.query(
                                "relaunch_guard_launch_seconds_count{outcome=\"ready\", verdict=\"reap\"}"))
                        .singleElement()
                        .satisfies(result ->
                                assertThat(PrometheusServer.value(result)).isEqualTo("1")));
        assertThat(prometheus.query("relaunch_guard_state_current == 1"))
                .singleElement()
                .satisfies(
                        result -> assertThat(result.path("metric").path("state").asString())
                                .isEqualTo("ready"));
        assertThat(prometheus.query("relaunch_guard_signal_total{signal=\"kill\", result=\"delivered\"}"))
                .singleElement()
                .satisfies(result -> assertThat(PrometheusServer.value(result)).isEqualTo("1"));
        assertThat(prometheus.query("relaunch_guard_predicate_total{predicate=\"marker-present\", result=\"holds\"}"))
                .hasSize(1);
        assertThat(prometheus.query("relaunch_guard_transition_total{from=\"kill\", to=\"preflight\"}"))
                .hasSize(1);

        List<String> expressions = expressionsOfTheDashboard();
        assertThat(expressions).hasSizeGreaterThan(5).allSatisfy(this::asksForWhatIsThere);
        List<String> alerts = expressionsOfTheAlerts();
        assertThat(alerts).hasSize(5).allSatisfy(this::asksForWhatIsThere);
        assertThat(prometheus.query(alerts.get(0)))
                .as("no user was left outside")
                .isEmpty();
        assertThat(prometheus.query(alerts.get(1)))
                .as("an instance was ended by force")
                .hasSize(1);
    }

    @Test
    @Needs({Need.CHROMIUM, Need.CHROMEDRIVER})
    void updatesThatLeftUsersOutsideAreCountedOnceByTheNextLaunchThatIsReady() throws Exception {
        HeldUpdates.leave(20, sandbox);

        FreshProject.Run launcher = new FreshProject(sandbox).start(FreshProject.java());
        startPrometheus(launcher.awaitServer().getPort());

        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(prometheus.query(
                                "sum(relaunch_guard_launch_seconds_count{outcome=\"held\", verdict=\"spare\"})"))
                        .singleElement()
                        .satisfies(result ->
                                assertThat(PrometheusServer.value(result)).isEqualTo("20")));
        assertThat(prometheus.query("sum(relaunch_guard_launch_seconds_count{outcome=\"ready\"})"))
                .singleElement()
                .satisfies(result -> assertThat(PrometheusServer.value(result)).isEqualTo("1"));
        assertThat(prometheus.query(expressionsOfTheDashboard().get(0)))
                .as("the first panel")
                .singleElement()
                .satisfies(result -> assertThat(PrometheusServer.value(result)).isEqualTo("20"));
        assertThat(prometheus.query(expressionsOfTheAlerts().get(0)))
                .as("the first alert")
                .singleElement()
                .satisfies(result -> assertThat(PrometheusServer.value(result)).isEqualTo("20"));

        List<String> panels = expressionsOfTheDashboard();
        try (Browser browser = Browser.start(sandbox)) {
            browser.emulate("light", 1000, 3400); // without a need to scroll
            browser.open(prometheus.page(panels));
            await().atMost(60, SECONDS)
                    .untilAsserted(() -> assertThat(browser.texts(".console_table tbody"))
                            .hasSize(panels.size())
                            .startsWith("{job=\"launcher\",outcome=\"held\"}\t20"));
            browser.picture("prometheus");
        }

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
        PrometheusServer.promtool(sandbox, "check", DOCUMENTS.resolve("relaunch-guard-alerts.yml"));
        PrometheusServer.promtool(sandbox, "test", DOCUMENTS.resolve("relaunch-guard-alerts-test.yml"));
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
        prometheus =
                PrometheusServer.start(sandbox, """
                global:
                  scrape_interval: 1s
                rule_files:
                  - %s
                scrape_configs:
                  - job_name: launcher
                    metrics_path: /actuator/prometheus
                    static_configs:
                      - targets: ["127.0.0.1:%d"]
                """.formatted(DOCUMENTS.resolve("relaunch-guard-alerts.yml"), scraped));
    }

    /** It evaluates, and every series that it names has been scraped. */
    private void asksForWhatIsThere(String expression) throws IOException, InterruptedException {
        assertThat(prometheus.query(expression)).isNotNull();
        assertThat(METRIC.matcher(expression).results().map(MatchResult::group))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(prometheus.query(name)).as(name).isNotEmpty());
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
}
