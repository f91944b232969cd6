package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.fresh.FreshApplication;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.PackedClasses;
import io.relaunchguard.it.harness.Sandbox;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplicationAotProcessor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A new Spring Boot project with the guard as a dependency and no code of its own. */
class EmbeddingIT {

    private static final String DEVELOPER_TOOLS = System.getProperty("relaunchguard.devtools");
    private static final Pattern GUARD_JAR = Pattern.compile("(.*/guard-\\w+/target/)guard-\\w+-[^/]*\\.jar");

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final FreshProject project = new FreshProject(sandbox);
    private List<String> classPath;

    @BeforeEach
    void open() throws IOException {
        classPath = FreshProject.classPath();
    }

    @Test
    void startsReadyAndShowsItsLaunch() throws Exception {
        FreshProject.Run run = project.start(FreshProject.java());

        assertThat(run.get("/actuator/metrics").body())
                .contains(
                        "relaunch.guard.launch",
                        "relaunch.guard.state",
                        "relaunch.guard.state.current",
                        "relaunch.guard.transition")
                .as("nobody was judged")
                .doesNotContain("relaunch.guard.predicate");
        assertThat(run.get("/actuator/prometheus").body())
                .containsPattern("relaunch_guard_launch_seconds_count\\{.*outcome=\"ready\".*} 1");
        JsonNode endpoint =
                JsonMapper.shared().readTree(run.get("/actuator/relaunchguard").body());
        assertThat(endpoint.path("state").asString()).isEqualTo("READY");
        assertThat(endpoint.path("last").path("outcome").asString()).isEqualTo("ready");
        assertThat(endpoint.path("history")).hasSize(1);
        assertThat(run.get("/relaunch-guard/").statusCode())
                .as("the page is off by default")
                .isEqualTo(404);
        assertThat(run.output()).contains("Launch READY").doesNotContain("WARN");
    }

    @Test
    @Tag("H21")
    void aSecondStartEndsWithTheAnalysisBeforeAnyBeanAndTheFirstTellsOfIt() throws Exception {
        Process holder = sandbox.start("holder", List.of("sleep", "600"));
        FreshProject.Run first = project.start(FreshProject.java());
        first.awaitServer();
        sandbox.writeLock(hostName() + "-" + holder.pid());

        FreshProject.Run second = project.start(FreshProject.java());

        assertThat(second.awaitExit()).isEqualTo(3);
        assertThat(second.output())
                .contains(
                        "APPLICATION FAILED TO START",
                        "The launch was held: Process " + holder.pid(),
                        "Profile:    " + sandbox.profile(),
                        "Spared by:  marker-present (fails)",
                        "Switch to the running instance, or close it, then start again.")
                .doesNotContain("a bean was created", "Exception");
        assertThat(holder.isAlive()).isTrue();
        JsonNode history = JsonMapper.shared()
                .readTree(first.get("/actuator/relaunchguard").body())
                .path("history");
        assertThat(history).hasSize(2);
        assertThat(history.path(0).path("outcome").asString()).isEqualTo("held");
    }

    @Test
    @Tag("H07")
    void twoStartsAtOnceLetOneThroughAndTheOtherEndsBeforeAnyBean() throws Exception {
        FreshProject.Run first = project.start(FreshProject.java());
        first.awaitServer();

        // The first has its permit, and no browser yet.
        FreshProject.Run second = project.start(FreshProject.java(), "--relaunch-guard.launcher-wait=300ms");

        assertThat(second.awaitExit()).isEqualTo(3);
        assertThat(second.output()).contains("another launcher is at work").doesNotContain("a bean was created");
    }

    @Test
    @Tag("long")
    void aRequestToEndClosesTheContextAndLetsTheNextOneIn() throws Exception {
        FreshProject.Run first = project.start(FreshProject.java());
        first.awaitServer();
        first.process().destroy();
        first.awaitExit();

        FreshProject.Run second = project.start(FreshProject.java());

        assertThat(second.get("/actuator/relaunchguard").body()).contains("\"state\":\"READY\"");
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H07")
    @Tag("long")
    void aRestartByTheDeveloperToolsKeepsThePermitOfItsProcess(Guard guard) throws Exception {
        Path changed = Files.createDirectories(sandbox.root().resolve("changed"));
        FreshProject.Run run = project.start(FreshProject.java(withDeveloperTools(guard, changed)));
        run.awaitServer();
        sandbox.writeLock(hostName() + "-" + run.process().pid()); // as its browser does, which lives on

        for (int restart = 1; restart <= 2; restart++) {
            int starts = restart + 1;
            Files.writeString(changed.resolve("page.properties"), "version=" + starts);
            await().atMost(120, SECONDS)
                    .until(() -> !run.process().isAlive() || run.count("Started FreshApplication") == starts);
            assertThat(run.count("Started FreshApplication")).as(run.output()).isEqualTo(starts);
        }

        assertThat(run.output()).containsOnlyOnce("Launch READY").doesNotContain("HELD", " WARN ");
        JsonNode endpoint = JsonMapper.shared()
                .readTree(run.getFromLatest("/actuator/relaunchguard").body());
        assertThat(endpoint.path("state").asString()).isEqualTo("READY");
        assertThat(endpoint.path("history")).as("launches").hasSize(1);
        FreshProject.Run other = project.start(FreshProject.java());
        assertThat(other.awaitExit()).as("another process is held still").isEqualTo(3);

        run.process().destroy();
        run.awaitExit();
        assertThat(project.start(FreshProject.java())
                        .get("/actuator/relaunchguard")
                        .body())
                .contains("\"state\":\"READY\"");
    }

    @Test
    @Tag("long")
    @Tag("H07")
    void aChangeThatBreaksTheApplicationAndOneThatMendsItKeepThePermitToo() throws Exception {
        Path changed = Files.createDirectories(sandbox.root().resolve("changed"));
        FreshProject.Run run = project.start(FreshProject.java(withDeveloperTools(Guard.JARS, changed)));
        run.awaitServer();
        sandbox.writeLock(hostName() + "-" + run.process().pid());

        Files.writeString(changed.resolve("application.properties"), "fresh.fail=true");
        await().atMost(120, SECONDS).until(() -> run.output().contains("Application run failed"));
        FreshProject.Run other = project.start(FreshProject.java());
        assertThat(other.awaitExit()).as("while it is broken").isEqualTo(3);
        Files.writeString(changed.resolve("application.properties"), "fresh.fail=false");
        await().atMost(120, SECONDS)
                .until(() -> !run.process().isAlive() || run.count("Started FreshApplication") == 2);

        assertThat(run.output()).containsOnlyOnce("Launch READY").doesNotContain("HELD");
        assertThat(run.getFromLatest("/actuator/relaunchguard").body()).contains("\"state\":\"READY\"");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"", "--spring.mvc.servlet.path=/app", "--management.endpoints.web.base-path=/manage"})
    void theEndpointIsForThisMachineAndOnlyForReading(String mapping) throws Exception {
        FreshProject.Run run = project.start(FreshProject.java(), mapping);
        String path = mapping.endsWith("/app")
                ? "/app/actuator/relaunchguard"
                : (mapping.endsWith("/manage") ? "/manage/relaunchguard" : "/actuator/relaunchguard");

        assertThat(run.get(path).statusCode()).isEqualTo(200);
        assertThat(run.get(path + "/diagram.svg").body()).startsWith("<svg");
        assertThat(run.get(path + "/diagram.mmd").body()).startsWith("stateDiagram-v2");
        assertThat(run.status("GET", path, "evil.example")).isEqualTo(403);
        assertThat(run.status("GET", path + "/diagram.svg", "evil.example")).isEqualTo(403);
        assertThat(run.status("GET", path + ";x=1", "evil.example")).isEqualTo(403);
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            assertThat(run.status(method, path, "localhost")).as(method).isEqualTo(405);
        }
        assertThat(run.status("GET", path.replace("relaunchguard", "health"), "evil.example"))
                .as("other endpoints are not ours to guard")
                .isEqualTo(200);
    }

    @Tag("long")
    @Test
    void theEndpointIsGuardedOnAPortOfItsOwnToo() throws Exception {
        int port = freePort();
        FreshProject.Run run = project.start(
                FreshProject.java(), "--management.server.port=" + port, "--management.server.address=127.0.0.1");
        run.awaitServer();
        await().atMost(30, SECONDS).until(() -> run.output().contains("Started FreshApplication"));

        assertThat(run.status(port, "GET", "/actuator/relaunchguard", "localhost"))
                .isEqualTo(200);
        assertThat(run.status(port, "GET", "/actuator/relaunchguard", "evil.example"))
                .isEqualTo(403);
        assertThat(run.status("GET", "/actuator/relaunchguard", "localhost")).isEqualTo(404);
    }

    @Test
    @Tag("long")
    @Tag("H27")
    void aTrainingRunLaunchesNothingAndItsArchiveDoes() throws Exception {
        Process old = wedgedInstanceThatConsented();
        String archive = sandbox.root().resolve("application.jsa").toString();

        List<String> jars = PackedClasses.of(classPath, sandbox.root());
        FreshProject.Run training = project.start(
                FreshProject.java(jars, "-Dspring.context.exit=onRefresh", "-XX:ArchiveClassesAtExit=" + archive));

        assertThat(training.awaitExit()).as(training.output()).isZero();
        assertThat(training.output()).contains("a bean was created").doesNotContain("Launch ");
        assertThat(old.isAlive()).isTrue();
        assertThat(Path.of(archive)).isNotEmptyFile();

        FreshProject.Run run =
                project.start(FreshProject.java(jars, "-XX:SharedArchiveFile=" + archive, "-Xshare:auto"));
        assertThat(run.get("/actuator/relaunchguard").body()).contains("\"state\":\"READY\"");
        assertThat(old.isAlive()).isFalse();
    }

    @Test
    @Tag("long")
    @Tag("H27")
    void processingAheadOfTimeLaunchesNothingAndTheProcessedApplicationDoes() throws Exception {
        Process old = wedgedInstanceThatConsented();
        Path sources = sandbox.root().resolve("aot/sources");
        Path resources = sandbox.root().resolve("aot/resources");
        Path classes = Files.createDirectories(sandbox.root().resolve("aot/classes"));
        List<String> command = FreshProject.java(classPath);
        command.addAll(List.of(
                SpringApplicationAotProcessor.class.getName(),
                FreshApplication.class.getName(),
                sources.toString(),
                resources.toString(),
                classes.toString(),
                "io.relaunchguard",
                "fresh",
                "--relaunch-guard.profile=" + sandbox.profile(),
                // Which beans there are is decided here.
                "--management.endpoints.web.exposure.include=*"));
        Cli.Run processing = new Cli(sandbox).run(command);
        assertThat(processing.exitCode())
                .as(processing.out() + processing.err())
                .isZero();
        assertThat(processing.out()).doesNotContain("Launch ");
        assertThat(old.isAlive()).isTrue();

        compile(sources, classes);
        List<String> processed = new ArrayList<>(List.of(classes.toString(), resources.toString()));
        processed.addAll(classPath);
        FreshProject.Run run = project.start(FreshProject.java(processed, "-Dspring.aot.enabled=true"));

        assertThat(run.get("/actuator/relaunchguard").body()).contains("\"state\":\"READY\"");
        assertThat(run.output()).contains("AOT-processed");
        assertThat(old.isAlive()).isFalse();
    }

    /** How the guard is on the class path of the project. */
    enum Guard {
        JARS,
        /** As in an editor that has its sources open, too. */
        DIRECTORIES
    }

    private List<String> withDeveloperTools(Guard guard, Path changed) {
        List<String> entries = new ArrayList<>(List.of(changed.toString(), DEVELOPER_TOOLS));
        for (String entry : classPath) {
            Matcher module = GUARD_JAR.matcher(entry);
            entries.add(guard == Guard.DIRECTORIES && module.matches() ? module.group(1) + "classes" : entry);
        }
        assertThat(entries)
                .anySatisfy(entry -> assertThat(entry)
                        .contains("guard-statemachine")
                        .endsWith(guard == Guard.JARS ? ".jar" : "/target/classes"));
        return entries;
    }

    private Process wedgedInstanceThatConsented() throws Exception {
        Process old = sandbox.start("old", List.of("sleep", "600"));
        sandbox.stop(old.toHandle());
        sandbox.writeLock(hostName() + "-" + old.pid());
        new Cli(sandbox).mark(old.pid());
        return old;
    }

    private void compile(Path sources, Path classes) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-nowarn", "-proc:none", "-d", classes.toString(), "-cp", String.join(File.pathSeparator, classPath)));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
        }
        Path log = sandbox.root().resolve("javac.log");
        try (var output = Files.newOutputStream(log)) {
            int result =
                    ToolProvider.getSystemJavaCompiler().run(null, output, output, arguments.toArray(String[]::new));
            if (result != 0) {
                fail(Files.readString(log));
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }
}
