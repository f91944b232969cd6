package io.relaunchguard.it.benchmark;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.it.harness.HeldUpdates;
import io.relaunchguard.it.harness.PrometheusServer;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.metrics.GuardMetrics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * What the launches of many installations cost a real Prometheus: added up by whatever collects them, where each installation
 * counts one READY launch, and one in twenty up to three HELD launches before it; and with a name for each installation, where
 * each counts one of either. All are copies of two real launches.
 */
final class Fleet {

    private static final int ADDED_UP = 100_000;
    private static final List<Integer> NAMED = List.of(1_000, 10_000);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Results results;

    /** What installations remember. */
    private record Launches(LaunchReport ready, HistoryRecord held) {}

    Fleet(Results results) {
        this.results = results;
    }

    void measure() throws Exception {
        Launches launches = launches();
        scrape("none", 0, target -> {});
        PrometheusMeterRegistry all = registry();
        int refused = replay(launches, ADDED_UP, all);
        scrape("%,d, added up".formatted(ADDED_UP), refused, all::scrape);
        PrometheusMeterRegistry one = registry();
        replay(launches, 1, 1, one);
        for (int installations : NAMED) {
            scrape(
                    "%,d, each with a name".formatted(installations),
                    installations,
                    target -> named(one, installations, target));
        }
    }

    private static Launches launches() throws IOException, InterruptedException {
        try (Sandbox sandbox = new Sandbox()) {
            HeldUpdates.leave(2, sandbox);
            try (LaunchPermit permit =
                    LaunchGuard.forProfile(sandbox.profile()).launch().permitOrThrow()) {
                return new Launches(permit.report(), permit.takeUncounted().get(0));
            }
        }
    }

    private static PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // As in docs/observability/fleet-otlp.properties.
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("relaunch.guard.state.current"));
        return registry;
    }

    /** How many HELD launches there were. */
    private static int replay(Launches launches, int installations, MeterRegistry registry) {
        Random random = new Random(1);
        int refused = 0;
        for (int installation = 0; installation < installations; installation++) {
            int here = random.nextInt(20) == 0 ? 1 + random.nextInt(3) : 0;
            refused += here;
            replay(launches, here, refused, registry);
        }
        return refused;
    }

    /** Waits for what it counts on a thread of its own. */
    private static void replay(Launches launches, int here, int refused, MeterRegistry registry) {
        new GuardMetrics(LaunchProgress.of(launches.ready()), () -> Collections.nCopies(here, launches.held()))
                .bindTo(registry);
        if (here > 0) {
            Awaitility.await()
                    .atMost(LONGEST)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> registry.find("relaunch.guard.launch").tag("outcome", "held").timers().stream()
                                    .mapToLong(Timer::count)
                                    .sum()
                            == refused);
        }
    }

    /** The same series for each installation, with a name that tells nothing. */
    private static void named(PrometheusMeterRegistry one, int installations, OutputStream target) throws IOException {
        Random random = new Random(1);
        List<String> lines =
                one.scrape().lines().filter(line -> !line.startsWith("#")).toList();
        for (int installation = 0; installation < installations; installation++) {
            String name = "{instance=\"" + new UUID(random.nextLong(), random.nextLong()) + "\",";
            target.write(lines.stream()
                    .map(line -> line.replaceFirst("\\{", name))
                    .collect(Collectors.joining("\n", "", "\n"))
                    .getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Writes what is scraped. */
    @FunctionalInterface
    private interface Target {
        void writeTo(OutputStream target) throws IOException;
    }

    private void scrape(String subject, int refused, Target scraped) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
                exchange.sendResponseHeaders(200, 0);
                scraped.writeTo(exchange.getResponseBody());
            }
        });
        server.start();
        try (Sandbox sandbox = new Sandbox()) {
            PrometheusServer prometheus = PrometheusServer.start(
                    sandbox, configuration(server.getAddress().getPort()));
            Awaitility.await()
                    .atMost(LONGEST)
                    .until(() ->
                            value(prometheus, "sum(relaunch_guard_launch_seconds_count{outcome=\"held\"}) or vector(0)")
                                            == refused
                                    && value(prometheus, "max_over_time(up{job=\"fleet\"}[10m])") == 1);
            results.add(
                    "a fleet's series",
                    subject,
                    "series",
                    one(value(prometheus, "count({job=\"fleet\", __name__=~\"relaunch.+\"}) or vector(0)")));
            results.add(
                    "memory of a Prometheus that has scraped them",
                    subject,
                    "MB",
                    one(residentMegabytes(prometheus.process())));
            prometheus.process().destroy();
            prometheus.process().waitFor();
        } finally {
            server.stop(0);
        }
    }

    private static String configuration(int scraped) {
        return """
                global:
                  scrape_interval: 60s
                  scrape_timeout: 60s
                scrape_configs:
                  - job_name: fleet
                    honor_labels: true
                    static_configs:
                      - targets: ["127.0.0.1:%d"]
                """.formatted(scraped);
    }

    private static double value(PrometheusServer prometheus, String query) throws IOException, InterruptedException {
        return prometheus.query(query).stream()
                .map(PrometheusServer::value)
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static Samples one(double value) {
        return Samples.of(List.of(value));
    }

    private static double residentMegabytes(Process process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
