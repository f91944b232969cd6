package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.it.harness.Browser;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page of a real launch, in a real browser. */
class PageIT {

    private static final Pattern URL = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)/relaunch-guard/");
    private static final String HOSTILE = "<img src=x onerror=document.title='owned'>";
    private static final String NODES = "#diagram .node[data-state]";

    /** The lowest contrast of any text with what is behind it, outside the drawing. */
    private static final String LOWEST_CONTRAST = """
            const parse = (c) => (c.match(/[\\d.]+/g) ?? []).map(Number);
            const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
              const s = c[i] / 255;
              return sum + weight * (s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4);
            }, 0);
            const behind = (e) => {
              for (; e; e = e.parentElement) {
                const c = parse(getComputedStyle(e).backgroundColor);
                if (c.length === 3 || c[3] === 1) { return c; }
              }
              return [255, 255, 255];
            };
            let lowest = [99, ''];
            for (const e of document.querySelectorAll('body *:not(svg *):not(script):not(noscript)')) {
              const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
              if (own && e.getClientRects().length) {
                const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < lowest[0]) { lowest = [ratio, e.outerHTML.slice(0, 200)]; }
              }
            }
            return lowest;
            """;

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Needs({Need.CHROMIUM, Need.CHROMEDRIVER})
    void showsALaunchMoveThroughItsStatesLiveAndThenTheWholeStory() throws Exception {
        assertThat(cli.launch().outcome()).as("an earlier launch").isEqualTo("ready");
        Process wedged = sandbox.start("wedged", List.of("/bin/sh", "-c", "trap '' TERM; exec sleep 600"));
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        sandbox.adoptTree(wedged.toHandle());
        try (Browser browser = Browser.start(sandbox)) {
            browser.emulate("light", 1360, 1000);
            // The grace counts from the consent, and the launcher has to start before the page is seen.
            cli.mark(wedged.pid());
            String url = launchWithPage("--teardown-grace=PT25S", "--teardown-grace-limit=PT30S", "--term-grace=PT4S");
            browser.open(url);

            awaitState(browser, "TEARDOWN_GRACE");
            assertThat(browser.text("#connection")).isEqualTo("Live: a launch is running");
            awaitState(browser, "TERM");
            assertThat(browser.text("#state-text")).isEqualTo("Asking the previous instance to end");
            assertThat(browser.attributes("#state-badge", "data-kind")).containsExactly("running");
            assertThat(marked(browser, "is-current")).containsExactly("TERM");
            assertThat(marked(browser, "is-path"))
                    .containsExactlyInAnyOrder(
                            "START", "MARKER_CHECK", "HOLDER_READ", "DECIDE", "TEARDOWN_GRACE", "TERM");
            assertThat(browser.texts("#timeline th")).startsWith("START").endsWith("TERM");
            assertThat(browser.text("#predicates-count")).isEqualTo("told at the end");
            browser.picture("running-light");

            awaitState(browser, "READY");
            assertThat(browser.attributes(NODES, "data-state"))
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(LifecycleState.values())
                            .map(Enum::name)
                            .toList());
            assertThat(marked(browser, "is-current")).containsExactly("READY");
            assertThat(marked(browser, "is-path")).contains("REVALIDATE", "KILL", "PREFLIGHT", "READY");
            assertThat(marked(browser, "is-path")).doesNotContain("HELD", "FAILED");
            assertThat(browser.texts("#diagram .line.is-taken"))
                    .contains("marker read", "holder exited", "cache free")
                    .doesNotContain("fault");
            // The report comes a moment after the last state.
            await().atMost(60, SECONDS)
                    .until(() -> !browser.texts("#predicates code").isEmpty());
            assertThat(browser.texts("#predicates code"))
                    .containsExactlyElementsOf(Arrays.stream(SafetyPredicate.values())
                            .map(SafetyPredicate::id)
                            .toList());
            assertThat(browser.texts("#predicates .result")).containsOnly("holds");
            assertThat(browser.texts("#predicates .detail"))
                    .contains("process %d has consented".formatted(wedged.pid()))
                    .noneMatch(String::isBlank);
            assertThat(browser.texts("#timeline th")).contains("KILL").endsWith("PREFLIGHT", "READY");
            assertThat(browser.texts("#timeline td.number")).contains("end").anyMatch(dwell -> dwell.startsWith("4.0"));
            assertThat(browser.texts("#signals li"))
                    .hasSize(2)
                    .first()
                    .isEqualTo("SIGTERM to process %d: delivered".formatted(wedged.pid()));
            assertThat(browser.text("#summary")).contains("ended it by force");
            assertThat(browser.texts("#history button")).hasSize(2);
            browser.picture("ready-light");
            browser.emulate("dark", 1360, 1000);
            browser.picture("ready-dark");

            browser.all("#history button").get(1).sendKeys(Keys.ENTER);
            assertThat(browser.text("#status-heading")).isEqualTo("An earlier launch");
            assertThat(browser.texts("#timeline th")).containsExactly("START", "READY");
            assertThat(browser.text("#predicates-count")).isEqualTo("nobody to judge");
            assertThat(browser.texts("#diagram .line.is-taken")).containsExactly("profile read", "[profile free]");
            assertThat(marked(browser, "is-path")).containsExactlyInAnyOrder("START", "READY");
            browser.all("#back").get(0).sendKeys(Keys.ENTER);
            assertThat(browser.text("#status-heading")).isEqualTo("The last launch");

            assertThat(browser.requests())
                    .allMatch(request -> request.toString().startsWith(url));
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    @Needs({Need.CHROMIUM, Need.CHROMEDRIVER})
    void showsWhateverALockNamesAsTextAndWhyNothingWasSignalled() throws Exception {
        sandbox.writeLock(HOSTILE + "-77");
        String url = launchWithPage("--cache-release=PT0.3S");
        try (Browser browser = Browser.start(sandbox)) {
            browser.emulate("light", 1360, 1000);
            browser.open(url);
            awaitState(browser, "HELD");

            assertThat(browser.text("#summary")).contains(HOSTILE);
            assertThat(browser.text("#holder")).contains("process 77 on " + HOSTILE);
            assertThat(browser.text("#history")).contains(HOSTILE);
            assertThat(browser.evaluate("return document.title")).isEqualTo("Relaunch Guard");
            assertThat(browser.all("main img, main [onerror]")).isEmpty();
            assertThat(browser.texts("#predicates li[data-result=fails] .result"))
                    .contains("fails");
            assertThat(browser.texts("#predicates li[data-result=unknown] .result"))
                    .containsOnly("unknown");
            assertThat(browser.texts("#predicates .is-reason code")).containsExactly("same-host");
            assertThat(browser.text("#advice")).isNotBlank();
            browser.picture("held-light");
            browser.emulate("dark", 1360, 1000);
            browser.picture("held-dark");
            browser.emulate("dark", 420, 900);
            assertThat(browser.evaluate("return document.documentElement.scrollWidth"))
                    .as("nothing to scroll sideways")
                    .isEqualTo(420L);
            browser.picture("held-narrow");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    @Needs({Need.CHROMIUM, Need.CHROMEDRIVER})
    void canBeReadByEverybody() throws Exception {
        sandbox.writeLock("another-host.example-77");
        String url = launchWithPage("--cache-release=PT0.3S");
        try (Browser browser = Browser.start(sandbox)) {
            browser.open(url);
            awaitState(browser, "HELD");

            assertThat(browser.attributes("html", "lang")).containsExactly("en");
            assertThat(browser.all("body > header, body > main")).hasSize(2);
            assertThat(browser.all("main section:not([aria-labelledby])")).isEmpty();
            assertThat(browser.attributes("#diagram", "aria-label").get(0)).endsWith("DECIDE, PREFLIGHT, HELD");
            assertThat(browser.attributes("p.state", "aria-live")).containsExactly("polite");
            for (String scheme : List.of("light", "dark")) {
                browser.emulate(scheme, 1360, 1000);
                List<?> lowest = (List<?>) browser.evaluate(LOWEST_CONTRAST);
                assertThat(((Number) lowest.get(0)).doubleValue())
                        .as("contrast, %s: %s", scheme, lowest.get(1))
                        .isGreaterThanOrEqualTo(4.5);
            }
        }
    }

    @Test
    @Needs({Need.CHROMIUM, Need.CHROMEDRIVER})
    void asksForNothingWhileNobodyLooksAndSaysWhenTheProgramHasEnded() throws Exception {
        Process launcher = start("--cache-release=PT0.3S");
        String url = url();
        try (Browser browser = Browser.start(sandbox)) {
            browser.open(url);
            awaitState(browser, "READY");
            browser.evaluate("""
                    Object.defineProperty(document, 'hidden', { get: () => window.away, configurable: true });
                    window.away = true;
                    document.dispatchEvent(new Event('visibilitychange'));
                    """);
            Object before = requestCount(browser);
            await().during(Duration.ofSeconds(4))
                    .atMost(60, SECONDS)
                    .until(() -> requestCount(browser).equals(before));

            browser.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))");
            await().atMost(60, SECONDS).until(() -> !requestCount(browser).equals(before));

            launcher.destroy();
            assertThat(launcher.waitFor(30, SECONDS)).isTrue();
            await().atMost(60, SECONDS)
                    .untilAsserted(() ->
                            assertThat(browser.text("#connection")).isEqualTo("Not live: the program does not answer"));
        }
    }

    @Tag("long")
    @Test
    void endsWithTheApplicationAndPassesItsExitCodeOn() throws Exception {
        Cli.Run run = cli.launch("--page", "--", "/bin/sh", "-c", "exit 42");

        assertThat(run.exitCode()).isEqualTo(42);
        assertThat(run.outcome())
                .as("nothing but the report on standard output")
                .isEqualTo("ready");
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("The lifecycle is shown at http://127.0.0.1:");
    }

    @Test
    @Tag("H66")
    @Tag("long")
    void goesOnWithoutAPageWhereItsPortIsTakenAndSaysWhatIsNoPort() throws Exception {
        String port = launchWithPage().replaceAll(".*:(\\d+)/.*", "$1");

        Path other = Files.createDirectory(sandbox.root().resolve("other-profile"));
        Cli.Run taken =
                cli.run("launch", "--json", "--page=" + port, "--profile=" + other, "--", "/bin/sh", "-c", "exit 42");
        Cli.Run none = cli.run("launch", "--page=70000", "--profile=" + sandbox.profile());

        assertThat(taken.exitCode()).isEqualTo(42);
        assertThat(taken.outcome()).isEqualTo("ready");
        assertThat(taken.err())
                .contains("The page cannot be served on port " + port + ", so there is none: ")
                .doesNotContain("\tat ");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("70000 is not a port");
    }

    @Test
    void listensOnLoopbackAloneWhateverTheEnvironmentSays() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "SERVER_ADDRESS=0.0.0.0",
                "SERVER_PORT=1",
                "SERVER_FORWARD_HEADERS_STRATEGY=native",
                "SERVER_SERVLET_CONTEXT_PATH=/elsewhere",
                "RELAUNCH_GUARD_ENABLED=true",
                "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE=*"));
        command.addAll(Cli.command("launch", "--page", "--profile=" + sandbox.profile()));
        Process launcher = sandbox.start("launcher", command);
        URI page = URI.create(url());

        String hexPort = String.format(Locale.ROOT, ":%04X", page.getPort());
        try (Stream<Path> tables =
                Stream.of("tcp", "tcp6").map(name -> Path.of("/proc/" + launcher.pid() + "/net", name))) {
            List<String> listening = new ArrayList<>();
            for (Path table : tables.toList()) {
                Files.readAllLines(table).stream()
                        .map(line -> line.trim().split("\\s+", -1))
                        .filter(fields -> fields[1].endsWith(hexPort) && fields[3].equals("0A"))
                        .forEach(fields -> listening.add(fields[1]));
            }
            assertThat(listening).singleElement().asString().contains("0100007F" + hexPort);
        }
        assertThat(status(page.resolve("data"), "GET")).isEqualTo(200);
        assertThat(status(page.resolve("/actuator/env"), "GET")).isEqualTo(404);
    }

    @Test
    void changesNothingForWhoeverAsks() throws Exception {
        URI page = URI.create(launchWithPage());

        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            assertThat(status(page.resolve("data"), method)).as(method).isEqualTo(405);
        }
        assertThat(status(page.resolve("data"), "HEAD")).isEqualTo(200);
        assertThat(status(page.resolve("data"), "GET", "Origin", "http://evil.example"))
                .isEqualTo(403);
        assertThat(status(page.resolve("data"), "GET", "X-Forwarded-For", "127.0.0.1"))
                .isEqualTo(403);
        assertThat(status(page.resolve("/webjars/mermaid/"), "GET")).isEqualTo(404);
    }

    @Tag("long")
    @Test
    @Needs({Need.CHROMIUM, Need.CHROMEDRIVER})
    void showsTheDrillAndLeavesNothingWhenItIsAskedToEnd() throws Exception {
        Process drill = cli.start("launcher", "drill", "--page");
        String url = url();
        try (Browser browser = Browser.start(sandbox)) {
            browser.emulate("light", 1360, 1000);
            browser.open(url);
            // Each launch is short: which of them is seen in which state is chance.
            await().atMost(60, SECONDS)
                    .until(() -> browser.text("#subject").startsWith("Drill: ")
                            && browser.texts("#history button").size() >= 3);
            browser.picture("drill-light");
            List<ProcessHandle> started = sandbox.adoptTree(drill.toHandle());
            drill.destroy();

            assertThat(drill.waitFor(30, SECONDS)).isTrue();
            await().atMost(60, SECONDS)
                    .until(() -> started.stream().noneMatch(process -> Sandbox.isAlive(process.pid())));
        }
    }

    private String launchWithPage(String... more) throws IOException {
        start(more);
        return url();
    }

    private Process start(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("launch", "--page", "--profile=" + sandbox.profile()));
        arguments.addAll(List.of(more));
        return cli.start("launcher", arguments.toArray(String[]::new));
    }

    private String url() {
        Matcher[] found = new Matcher[1];
        await().atMost(60, SECONDS).until(() -> {
            found[0] = URL.matcher(sandbox.output("launcher.err"));
            return found[0].find();
        });
        return found[0].group();
    }

    private static void awaitState(Browser browser, String state) {
        await().atMost(60, SECONDS).until(() -> browser.text("#state-badge"), state::equals);
    }

    private static List<String> marked(Browser browser, String mark) {
        return browser.attributes(NODES + "." + mark, "data-state");
    }

    private static Object requestCount(Browser browser) {
        return browser.evaluate("return performance.getEntriesByType('resource').length");
    }

    private static int status(URI uri, String method, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}
