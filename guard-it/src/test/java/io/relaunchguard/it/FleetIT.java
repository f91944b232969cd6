package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.HeldUpdates;
import io.relaunchguard.it.harness.OtlpRegistry;
import io.relaunchguard.it.harness.PrometheusServer;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Launches that were HELD reach what collects them from many machines, with the configuration of the documentation. */
@Tag("long")
class FleetIT {

    private static final Path DOCUMENTS = Path.of("../docs/observability").toAbsolutePath();

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    @Test
    @Needs({Need.PUSHGATEWAY, Need.PROMETHEUS})
    void aPushgatewayAndAPrometheusThatScrapesItHaveThemOnce() throws Exception {
        HeldUpdates.leave(20, sandbox);
        int gateway = PrometheusServer.startPushgateway(sandbox);

        FreshProject.Run launcher = new FreshProject(sandbox)
                .start(
                        FreshProject.java(),
                        "--spring.config.additional-location=" + document("fleet-pushgateway.properties"));
        await().atMost(60, SECONDS)
                .until(() -> launcher.get("/actuator/prometheus").body().contains("outcome=\"held\""));
        String scraped = launcher.get("/actuator/prometheus").body();
        assertThat(scraped.lines().filter(line -> !line.startsWith("#")))
                .as("nothing but the guard's meters")
                .isNotEmpty()
                .allMatch(line -> line.startsWith("relaunch_guard_"));
        assertThatNothingIsOfThisMachine(List.of(scraped));
        push(gateway, scraped);
        push(gateway, scraped);
        launcher.process().destroyForcibly();
        launcher.awaitExit();

        PrometheusServer prometheus = PrometheusServer.start(
                sandbox,
                Files.readString(DOCUMENTS.resolve("prometheus.yml"))
                        .replace("127.0.0.1:9091", "127.0.0.1:" + gateway)
                        .replace("scrape_interval: 15s", "scrape_interval: 1s")
                        .replace(
                                "relaunch-guard-alerts.yml",
                                DOCUMENTS.resolve("relaunch-guard-alerts.yml").toString()));
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(prometheus.query(
                                "sum(relaunch_guard_launch_seconds_count{job=\"launcher\", outcome=\"held\"})"))
                        .singleElement()
                        .satisfies(result ->
                                assertThat(PrometheusServer.value(result)).isEqualTo("20")));
    }

    @Test
    void aReceiverOfTheOpenTelemetryProtocolHasThemOnceAndNothingOfThisMachine() throws Exception {
        HeldUpdates.leave(20, sandbox);
        Queue<ExportMetricsServiceRequest> received = new ConcurrentLinkedQueue<>();
        HttpServer receiver = receiver(received);
        try {
            FreshProject.Run launcher = startReporting(receiver, "2s");
            launcher.awaitServer();
            await().atMost(60, SECONDS)
                    .untilAsserted(() -> assertThat(launches(received, "held"))
                            .as(launcher.output())
                            .isEqualTo(20));
            int reports = received.size();
            await().atMost(60, SECONDS).until(() -> received.size() > reports);
            launcher.process().destroy();
            launcher.awaitExit();

            assertThat(launches(received, "held")).as("none is reported twice").isEqualTo(20);
            assertThat(launches(received, "ready")).isEqualTo(1);
            assertThat(points(received)).allMatch(point -> point.getTimeUnixNano() > point.getStartTimeUnixNano());
            assertThat(metrics(received).map(Metric::getName))
                    .isNotEmpty()
                    .allMatch(name -> name.startsWith("relaunch.guard."));
            assertThat(metrics(received).filter(Metric::hasHistogram))
                    .isNotEmpty()
                    .allMatch(metric -> metric.getHistogram().getAggregationTemporality()
                            == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
            assertThatNothingIsOfThisMachine(
                    received.stream().map(ExportMetricsServiceRequest::toString).toList());
        } finally {
            receiver.stop(0);
        }
    }

    /** A process that ends before its step is over has reported what it counted. */
    @Test
    void aProcessThatEndsBeforeItsStepIsOverHasReported() throws Exception {
        HeldUpdates.leave(20, sandbox);
        Queue<ExportMetricsServiceRequest> received = new ConcurrentLinkedQueue<>();
        HttpServer receiver = receiver(received);
        try {
            FreshProject.Run launcher = startReporting(receiver, "1h");
            await().atMost(60, SECONDS)
                    .until(() -> launcher.get("/actuator/metrics/relaunch.guard.launch")
                            .body()
                            .contains("\"held\""));
            assertThat(received).isEmpty();
            launcher.process().destroy();
            launcher.awaitExit();
            assertThat(launches(received, "held")).as(launcher.output()).isEqualTo(20);
        } finally {
            receiver.stop(0);
        }
    }

    /** As the script of the documentation does it. */
    private static void push(int gateway, String meters) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway
                                        + "/metrics/job/launcher/instance/6f1c7a52-0d0f-4c58-9a43-0d3a1b8a2f11"))
                                .POST(HttpRequest.BodyPublishers.ofString(meters))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    @Needs(Need.PROMETHEUS)
    void theAlertOfAFleetFiresWhenItShould() throws Exception {
        PrometheusServer.promtool(sandbox, "test", DOCUMENTS.resolve("fleet-alerts-test.yml"));
    }

    private FreshProject.Run startReporting(HttpServer receiver, String step) throws Exception {
        return new FreshProject(sandbox)
                .start(
                        OtlpRegistry.java(),
                        "--spring.config.additional-location=" + document("fleet-otlp.properties"),
                        "--management.otlp.metrics.export.url=http://127.0.0.1:"
                                + receiver.getAddress().getPort() + "/v1/metrics",
                        "--management.otlp.metrics.export.step=" + step);
    }

    private static HttpServer receiver(Queue<ExportMetricsServiceRequest> received) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/metrics", exchange -> {
            try (exchange) {
                assertThat(exchange.getRequestHeaders().getFirst("Content-Type"))
                        .isEqualTo("application/x-protobuf");
                received.add(ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody()));
                byte[] answer =
                        ExportMetricsServiceResponse.getDefaultInstance().toByteArray();
                exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
                exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
            } catch (InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
            }
        });
        server.start();
        return server;
    }

    private static Stream<Metric> metrics(Queue<ExportMetricsServiceRequest> received) {
        return received.stream()
                .flatMap(request -> request.getResourceMetricsList().stream())
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream());
    }

    private static Stream<HistogramDataPoint> points(Queue<ExportMetricsServiceRequest> received) {
        return metrics(received)
                .filter(metric -> metric.getName().equals("relaunch.guard.launch"))
                .flatMap(metric -> metric.getHistogram().getDataPointsList().stream());
    }

    /** How many launches with this outcome all reports together tell of: each tells of its own step. */
    private static long launches(Queue<ExportMetricsServiceRequest> received, String outcome) {
        return points(received)
                .filter(point -> point.getAttributesList().stream().anyMatch(tag -> is(tag, "outcome", outcome)))
                .mapToLong(HistogramDataPoint::getCount)
                .sum();
    }

    private static boolean is(KeyValue tag, String key, String value) {
        return tag.getKey().equals(key) && tag.getValue().getStringValue().equals(value);
    }

    private void assertThatNothingIsOfThisMachine(List<String> reports) throws IOException {
        assertThat(reports)
                .isNotEmpty()
                .allSatisfy(report -> assertThat(report)
                        .doesNotContain(
                                Files.readString(Path.of("/proc/sys/kernel/hostname"))
                                        .strip(),
                                "\"" + System.getProperty("user.name") + "\"",
                                System.getProperty("user.dir"),
                                sandbox.profile().toString()));
    }

    private static String document(String name) {
        return DOCUMENTS.resolve(name).toUri().toString();
    }
}
