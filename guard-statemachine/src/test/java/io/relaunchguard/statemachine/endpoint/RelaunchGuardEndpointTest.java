package io.relaunchguard.statemachine.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LifecyclePath;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.MermaidDiagram;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.LaunchResult;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;

/** The endpoint as it is seen from outside, on a server of its own. */
class RelaunchGuardEndpointTest {

    private final World world = Scenario.WEDGED.world();
    private final LaunchProgress progress = new LaunchProgress();
    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    @Import({RelaunchGuardEndpoint.class, RelaunchGuardEndpointWebExtension.class})
    static class Application {}

    @BeforeEach
    void start() {
        application = new SpringApplicationBuilder(Application.class)
                .initializers(context -> {
                    GenericApplicationContext beans = (GenericApplicationContext) context;
                    beans.registerBean(LaunchProgress.class, () -> progress);
                    beans.registerBean(
                            LaunchHistory.class,
                            () -> new LaunchHistory(world.ports().history()));
                    beans.registerBean(Integer.class, () -> 2);
                })
                .properties(
                        "relaunch-guard.enabled=false",
                        "server.address=127.0.0.1",
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "management.endpoints.web.exposure.include=relaunchguard")
                .run();
    }

    @AfterEach
    void stop() {
        SpringApplication.exit(application);
    }

    @Test
    void beforeALaunchThereIsNothingToTell() throws Exception {
        HttpResponse<String> response = get("");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"path\":[],\"history\":[]}");
    }

    @Test
    void tellsOfTheLaunchAndOfThoseBeforeNewestFirst() throws Exception {
        World another = Scenario.HEALTHY.world();
        HistoryRecord first =
                HistoryRecord.of(LaunchGuard.on(another.ports()).launch().report());
        LaunchGuard.on(another.ports()).launch();
        world.historyLines.addAll(another.historyLines);
        HistoryRecord own = launch();

        Map<String, Object> json = json(get(""));

        assertThat(json.keySet()).containsExactly("state", "path", "last", "history");
        assertThat(json).containsEntry("state", "READY");
        assertThat((List<?>) json.get("path")).hasSize(own.path().size());
        assertThat((List<?>) json.get("history")).hasSize(2).first().isEqualTo(json.get("last"));
        assertThat(((Map<?, ?>) ((List<?>) json.get("history")).get(1)).get("summary"))
                .isEqualTo(first.summary());
    }

    @Test
    void writesALaunchInTheShapeThatIsDocumented() throws Exception {
        HistoryRecord launch = launch();
        HistoryRecord.Visit visit = launch.timeline().get(4);

        String body = get("").body();

        assertThat(body)
                .contains(
                        "\"last\":{\"outcome\":\"ready\",\"verdict\":{\"kind\":\"reap\",\"detail\":\"every predicate holds\"}")
                .contains(
                        "\"timeline\":[{\"state\":\"START\",\"enteredAt\":\"2026-01-01T00:00:00Z\",\"dwellMillis\":0.0}")
                .contains("{\"state\":\"TEARDOWN_GRACE\",\"enteredAt\":\"" + visit.enteredAt()
                        + "\",\"dwellMillis\":2000.0}")
                .contains(
                        "\"path\":[{\"from\":\"START\",\"event\":\"PROFILE_READ\",\"guard\":\"OTHERWISE\",\"to\":\"MARKER_CHECK\"}")
                .contains("\"signals\":[{\"signal\":\"TERM\",\"pid\":200,\"result\":\"delivered\"")
                .contains("\"survivors\":[],\"faults\":[],\"update\":{\"effect\":\"unknown\",\"detail\":\"")
                .contains("\"},\"summary\":\"")
                .doesNotContain("null");
    }

    @Test
    void drawsTheLaunchForMermaid() throws Exception {
        launch();
        HttpResponse<String> response = get("/diagram.mmd");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain;charset=UTF-8");
        assertThat(response.body())
                .startsWith("stateDiagram-v2\n")
                .contains("TEARDOWN_GRACE --> TERM: (5) wait elapsed [every predicate holds]\n")
                .contains("    TEARDOWN_GRACE: 2.0 s\n")
                .contains("class READY current\n");
    }

    @Test
    void drawsTheLaunchAsAPicture() throws Exception {
        launch();
        HttpResponse<String> response = get("/diagram.svg");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("image/svg+xml;charset=UTF-8");
        assertThat(response.body())
                .startsWith("<svg xmlns")
                .contains("class=\"state end current\" data-state=\"READY\"")
                .contains(">2.0 s</text>");
    }

    @Test
    void drawsALaunchThatStillRuns() throws Exception {
        progress.entered(LifecycleState.MARKER_CHECK);
        progress.transitioned(LifecycleTable.TRANSITIONS.get(3));
        progress.entered(LifecycleState.HOLDER_READ);
        assertThat(get("").body())
                .isEqualTo("{\"state\":\"HOLDER_READ\",\"path\":[{\"from\":\"MARKER_CHECK\",\"event\":\"MARKER_READ\","
                        + "\"guard\":\"OTHERWISE\",\"to\":\"HOLDER_READ\"}],\"history\":[]}");
        assertThat(get("/diagram.svg").body()).contains("class=\"state current\" data-state=\"HOLDER_READ\"");
        assertThat(get("/diagram.mmd").body()).contains("class MARKER_CHECK passed\n    class HOLDER_READ current\n");
    }

    @Test
    void addsTheTimesOfAStateThatWasEnteredAgain() throws Exception {
        World busy = Scenario.WORKS_FOR_EVER.world();
        LaunchGuard.on(busy.ports()).withListener(progress).launch();
        assertThat(get("/diagram.mmd").body())
                .contains("    TEARDOWN_GRACE: 5.0 s\n")
                .contains("(5\u20136) progress seen");
    }

    @Test
    void drawsTheLifecycleBeforeALaunch() throws Exception {
        assertThat(get("/diagram.mmd").body()).isEqualTo(MermaidDiagram.ofLaunch(LifecyclePath.NONE));
        assertThat(get("/diagram.svg").body()).isEqualTo(SvgDiagram.of(LifecyclePath.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/diagram", "/diagram.png", "/diagram.svg/", "/0", "/diagram.svg/more", "/..%2fenv"})
    void anythingElseIsNotFound(String path) throws Exception {
        assertThat(get(path).statusCode()).isIn(400, 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void nothingCanBeWrittenOrDeleted(String method) throws Exception {
        launch();
        List<String> before = List.copyOf(world.historyLines);
        for (String path : List.of("", "/diagram.mmd", "/diagram.svg")) {
            assertThat(send(method, path).statusCode()).as(path).isEqualTo(405);
        }
        assertThat(world.historyLines).isEqualTo(before);
    }

    private HistoryRecord launch() {
        LaunchResult result =
                LaunchGuard.on(world.ports()).withListener(progress).launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            // Its line of the history is there then.
            permitted.permit().close();
        }
        return HistoryRecord.of(result.report());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path);
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:%s/actuator/relaunchguard%s"
                .formatted(application.getEnvironment().getProperty("local.server.port"), path));
        return client.send(
                HttpRequest.newBuilder(uri)
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private static Map<String, Object> json(HttpResponse<String> response) {
        return JsonParserFactory.getJsonParser().parseMap(response.body());
    }
}
