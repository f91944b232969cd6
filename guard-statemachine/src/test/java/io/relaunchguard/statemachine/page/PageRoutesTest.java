package io.relaunchguard.statemachine.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.MermaidDiagram;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.HistoryRecord;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

/** What the page's routes answer. */
class PageRoutesTest {

    private static final LaunchReport REPORT = new LaunchReport(
            Outcome.HELD,
            Optional.empty(),
            Observation.seen(new SingletonLock("<img src=x onerror=alert(1)>", 77)),
            Observation.unknown("not looked at"),
            Observation.unknown("not looked at"),
            List.of(new StateVisit(LifecycleState.HELD, Instant.EPOCH, Duration.ZERO)),
            List.of(LifecycleTable.TRANSITIONS.get(3)),
            List.of(),
            List.of(7L),
            List.of("a \"fault\""),
            Optional.empty(),
            new UpdateEffect.None(),
            "It is held.",
            "Wait.");

    private final LaunchProgress progress = new LaunchProgress();
    private final HistoryRecord earlier = new HistoryRecord(
            "ready",
            null,
            null,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            null,
            null,
            "It was free.",
            "");
    private final PageData data = PageData.of("/profile", progress, () -> List.of(earlier));
    private final MockMvc server =
            MockMvcBuilders.routerFunctions(new PageRoutes(data).routes()).build();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /relaunch-guard/            | text/html;charset=UTF-8       | <!doctype html>
                    /relaunch-guard/page.css    | text/css;charset=UTF-8        | prefers-color-scheme: dark
                    /relaunch-guard/page.js     | text/javascript;charset=UTF-8 | textContent
                    /relaunch-guard/icon.svg    | image/svg+xml                 | <svg
                    /relaunch-guard/mermaid.js  | text/javascript;charset=UTF-8 | globalThis["mermaid"]
                    /relaunch-guard/lifecycle   | application/json              | stateDiagram-v2
                    /relaunch-guard/data        | application/json              | /profile
                    """)
    void servesItsFilesAndItsDataWithEveryProtectiveHeader(String path, String type, String part) throws Exception {
        MockHttpServletResponse response = get(path);

        assertThat(response.getStatus()).isEqualTo(200);
        assertThat(response.getContentType()).isEqualTo(type);
        assertThat(response.getContentAsString()).contains(part);
        assertThat(response.getContentLength()).isEqualTo(response.getContentAsByteArray().length);
        assertThat(response.getHeader("Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self'; ")
                .contains("connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                .doesNotContain("script-src 'self' ");
        assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.getHeader("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(response.getHeader("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(response.getHeader("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void refusesAStrangerWithoutAnyFilterBeforeIt() throws Exception {
        MockHttpServletResponse response = server.perform(MockMvcRequestBuilders.get("/relaunch-guard/data")
                        .header("Host", "localhost")
                        .with(request -> {
                            request.setRemoteAddr("192.168.1.7");
                            return request;
                        }))
                .andReturn()
                .getResponse();

        assertThat(response.getStatus()).isEqualTo(403);
        assertThat(response.getContentAsString()).isEqualTo("Refused: this is for this machine only.\n");
    }

    @Test
    void leadsToThePageWhoeverForgetsTheLastSlash() throws Exception {
        MockHttpServletResponse response = get("/relaunch-guard");

        assertThat(response.getStatus()).isEqualTo(307);
        assertThat(response.getHeader("Location")).isEqualTo("/relaunch-guard/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/relaunch-guard/PageRoutes.class",
                "/relaunch-guard/page.js/",
                "/relaunch-guard/..%2fpackage-info.class",
                "/page.js"
            })
    void servesNothingElse(String path) throws Exception {
        assertThat(get(path).getStatus()).isEqualTo(404);
    }

    @Test
    void theFilesAreNotWhereAnApplicationServesStaticFilesFrom() {
        for (String folder : List.of("META-INF/resources/", "static/", "public/", "resources/")) {
            assertThat(getClass().getClassLoader().getResource(folder + "page.js"))
                    .isNull();
            assertThat(getClass().getClassLoader().getResource(folder + "relaunch-guard/page.js"))
                    .isNull();
        }
    }

    @Test
    void thePageNamesNoOtherPlaceAndNoVersion() throws Exception {
        String html = get("/relaunch-guard/").getContentAsString();
        Matcher links = Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(html);

        assertThat(links.results().map(link -> link.group(1)))
                .containsOnly("icon.svg", "page.css", "mermaid.js", "page.js", "#status");
        assertThat(html).doesNotContain("style=").doesNotContain("<style").doesNotContain("onload");
    }

    @Test
    void thePageMakesMarkupOfNothingButMermaidsDrawing() throws Exception {
        String script = get("/relaunch-guard/page.js").getContentAsString();

        assertThat(Pattern.compile("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(")
                        .matcher(script)
                        .results())
                .hasSize(1);
        assertThat(script).contains("this.container.innerHTML = svg;");
    }

    @Test
    void drawsTheTable() throws Exception {
        Map<String, Object> lifecycle = json("/relaunch-guard/lifecycle");

        assertThat(lifecycle).containsEntry("diagram", MermaidDiagram.ofTable());
        assertThat((List<?>) lifecycle.get("states"))
                .hasSize(LifecycleState.values().length)
                .first()
                .isEqualTo(
                        Map.of("name", "START", "description", "Checking whether the profile is free", "end", false));
    }

    @Test
    void tellsWhereTheLaunchIsAndThenWhatItEndedWith() throws Exception {
        assertThat(json("/relaunch-guard/data"))
                .containsEntry("state", null)
                .containsEntry("path", List.of())
                .containsEntry("last", null);

        progress.transitioned(LifecycleTable.TRANSITIONS.get(3));
        progress.entered(LifecycleState.HOLDER_READ);
        Map<String, String> step =
                Map.of("from", "MARKER_CHECK", "event", "MARKER_READ", "guard", "OTHERWISE", "to", "HOLDER_READ");
        assertThat(json("/relaunch-guard/data"))
                .containsEntry("state", "HOLDER_READ")
                .containsEntry("path", List.of(step))
                .containsEntry("last", null);

        progress.entered(LifecycleState.HELD);
        progress.ended(REPORT);
        Map<String, Object> ended = json("/relaunch-guard/data");
        assertThat(ended).containsEntry("state", "HELD");
        assertThat((List<?>) ended.get("history")).hasSize(2).first().isEqualTo(ended.get("last"));
        Map<?, ?> last = (Map<?, ?>) ended.get("last");
        assertThat(last.get("outcome")).isEqualTo("held");
        assertThat(last.get("path")).isEqualTo(List.of(step));
        assertThat(last.get("survivors")).isEqualTo(List.of(7));
        assertThat(last.get("faults").toString()).contains("fault");
        assertThat(last.get("timeline").toString()).contains("HELD").contains("1970-01-01T00:00:00Z");
        assertThat(last.get("holder").toString()).contains("<img src=x onerror=alert(1)>");
    }

    @Test
    void listsALaunchThatTheHistoryHasAlreadyOnlyOnce() {
        progress.ended(REPORT);
        HistoryRecord own = HistoryRecord.of(REPORT);

        assertThat(PageData.of("", progress, () -> List.of(earlier, own)).read().history())
                .containsExactly(earlier, own);
        assertThat(data.read().history()).containsExactly(own, earlier);
    }

    private Map<String, Object> json(String path) throws Exception {
        return JsonParserFactory.getJsonParser().parseMap(get(path).getContentAsString());
    }

    private MockHttpServletResponse get(String path) throws Exception {
        return server.perform(MockMvcRequestBuilders.get(URI.create(path)).header("Host", "localhost"))
                .andReturn()
                .getResponse();
    }
}
