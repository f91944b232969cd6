package io.relaunchguard.core.successor;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("H55")
class RestartTest {

    private static final String HERE = "/home/ada";
    private static final String HOME = "/usr/lib/jvm/17";
    private static final String MOUNT = "/tmp/.mount_appAb12";
    private static final Map<String, String> IMAGE =
            Map.of("APPDIR", MOUNT, "APPIMAGE", "/home/ada/app.AppImage", "OWD", "/home/ada/work");
    private static final String DEBUGGER = "-agentlib:jdwp=transport=dt_socket,server=y,address=5005";

    @Test
    void startsAJarAsItWasStarted() {
        Restart restart = java("app.jar a b -c", List.of("java", "-Xmx1g", "-Dx=a b", "-jar", "app.jar", "a b", "-c"));

        assertThat(restart)
                .isEqualTo(new Restart.Known(
                        List.of(HOME + "/bin/java", "-Xmx1g", "-Dx=a b", "-jar", "app.jar", "a b", "-c"),
                        HERE,
                        List.of(HOME + "/bin/java", HERE + "/app.jar")));
    }

    @ParameterizedTest
    @CsvSource({
        "'java|-cp|a.jar:b.jar|app.Main||x', 'app.Main  x'",
        "'java|-p|modules|-m|app/app.Main|x', 'app/app.Main x'",
        "'java|-p|modules|--module=app/app.Main|x', 'app/app.Main x'",
        "'java|Main.java|x', 'jdk.compiler/com.sun.tools.javac.launcher.Main Main.java x'",
        "'java|-cp|a.jar|app.Main|@x|-agentlib:jdwp=', 'app.Main @x -agentlib:jdwp='",
    })
    void startsAnyMainClassAsItWasStarted(String arguments, String mainAndArguments) {
        List<String> given = List.of(arguments.split("\\|", -1));

        assertThat(command(java(mainAndArguments, given)))
                .startsWith(HOME + "/bin/java")
                .endsWith(given.subList(1, given.size()).toArray(String[]::new))
                .hasSameSizeAs(given);
    }

    @Test
    void asksForTheArgumentFilesThatItNeeds() {
        assertThat(java("app.Main x", List.of("java", "@options", "-cp", "a.jar", "app.Main", "x")))
                .isInstanceOfSatisfying(
                        Restart.Known.class, known -> assertThat(known.files()).contains(HERE + "/options"));
        assertThat(java("app.Main x", List.of("java", "@all", "x")))
                .isInstanceOfSatisfying(
                        Restart.Known.class, known -> assertThat(known.files()).contains(HERE + "/all"));
    }

    @Test
    void followsTheLinkThatTheStarterNamed() {
        assertThat(command(java("app.Main", List.of("/opt/current/bin/java", "app.Main"))))
                .startsWith("/opt/current/bin/java");
        assertThat(command(java("app.Main", List.of("current/bin/java", "app.Main"))))
                .startsWith("/home/ada/current/bin/java");
    }

    @Test
    void namesTheFileItselfWhereTheStarterNamedSomethingElse() {
        assertThat(command(java("app.Main", List.of("/usr/bin/app", "app.Main"))))
                .startsWith(HOME + "/bin/java");
    }

    @Test
    void knowsAJavaThatWasReplacedMeanwhile() {
        StartFacts facts = facts(
                HOME + "/bin/java (deleted)",
                List.of("java", "app.Main"),
                "app.Main",
                Optional.empty(),
                List.of(),
                Map.of());

        assertThat(command(Restart.of(facts))).containsExactly(HOME + "/bin/java", "app.Main");
    }

    @Test
    void leavesOutADebuggersPort() {
        StartFacts facts = facts(
                HOME + "/bin/java",
                List.of("java", DEBUGGER, "-ea", "app.Main"),
                "app.Main",
                Optional.empty(),
                List.of(DEBUGGER, "-ea"),
                Map.of());

        assertThat(command(Restart.of(facts))).containsExactly(HOME + "/bin/java", "-ea", "app.Main");
    }

    @Test
    void leavesADebuggersPortToTheEnvironmentThatItIsTakenOutOf() {
        StartFacts facts = facts(
                HOME + "/bin/java",
                List.of("java", "app.Main"),
                "app.Main",
                Optional.empty(),
                List.of(DEBUGGER),
                Map.of("JAVA_TOOL_OPTIONS", "-ea '" + DEBUGGER + "'"));

        assertThat(command(Restart.of(facts))).containsExactly(HOME + "/bin/java", "app.Main");
    }

    @ParameterizedTest
    @ValueSource(strings = {"java|@all|x", "java|@options|app.Main|x"})
    void refusesADebuggersPortThatAnArgumentFileHas(String arguments) {
        StartFacts facts = facts(
                HOME + "/bin/java",
                List.of(arguments.split("\\|")),
                "app.Main x",
                Optional.empty(),
                List.of(DEBUGGER),
                Map.of());

        assertThat(refusal(facts)).contains(DEBUGGER, "cannot be left out");
    }

    @Test
    void startsTheLauncherOfJpackageWithTheApplicationsArgumentsOnly() {
        StartFacts facts = jpackage("/opt/app/bin/app", List.of("app", "a b", "@x"), List.of("-Xmx1g"));

        assertThat(Restart.of(facts))
                .isEqualTo(
                        new Restart.Known(List.of("/opt/app/bin/app", "a b", "@x"), HERE, List.of("/opt/app/bin/app")));
    }

    @Test
    void followsTheLinkToTheLauncherOfJpackage() {
        assertThat(command(Restart.of(jpackage("/opt/1.4/bin/app", List.of("/opt/current/bin/app"), List.of()))))
                .containsExactly("/opt/current/bin/app");
    }

    @Test
    void refusesADebuggersPortThatTheLauncherOfJpackageSets() {
        assertThat(refusal(jpackage("/opt/app/bin/app", List.of("app"), List.of(DEBUGGER))))
                .contains(DEBUGGER);
    }

    @Test
    void startsTheImageInTheDirectoryThatItWasStartedIn() {
        StartFacts launcher = facts(
                MOUNT + "/bin/app",
                List.of(MOUNT + "/bin/app", "a b"),
                "app.Main a b",
                Optional.of(MOUNT + "/bin/app"),
                MOUNT + "/lib/runtime",
                List.of(),
                IMAGE);
        StartFacts java = facts(
                MOUNT + "/jre/bin/java",
                List.of(MOUNT + "/jre/bin/java", "-Xmx1g", "-jar", MOUNT + "/app.jar", "a b"),
                MOUNT + "/app.jar a b",
                Optional.empty(),
                MOUNT + "/jre",
                List.of("-Xmx1g"),
                IMAGE);

        assertThat(List.of(Restart.of(launcher), Restart.of(java)))
                .containsOnly(new Restart.Known(
                        List.of("/home/ada/app.AppImage", "a b"), "/home/ada/work", List.of("/home/ada/app.AppImage")));
    }

    @Test
    void refusesAnImageWhoseArgumentsCannotBeTold() {
        assertThat(refusal(facts(
                        MOUNT + "/jre/bin/java",
                        List.of("java", "@" + MOUNT + "/all", "x"),
                        "app.Main x",
                        Optional.empty(),
                        MOUNT + "/jre",
                        List.of(),
                        IMAGE)))
                .contains("which arguments are the application");
    }

    @Test
    void refusesADirectoryThatGoesWithTheMount() {
        assertThat(refusal(new StartFacts(
                        Observation.seen(new OwnCommand(MOUNT + "/bin/app", List.of("app"), MOUNT + "/usr")),
                        MOUNT + "/lib/runtime",
                        Optional.of(MOUNT + "/bin/app"),
                        "app.Main",
                        List.of(),
                        Map.of("APPDIR", MOUNT, "APPIMAGE", "/home/ada/app.AppImage"))))
                .contains("below the mount");
    }

    @Test
    void takesNoImageForItsOwnThatOnlyItsStarterCameFrom() {
        StartFacts facts =
                facts(HOME + "/bin/java", List.of("java", "app.Main"), "app.Main", Optional.empty(), List.of(), IMAGE);

        assertThat(command(Restart.of(facts))).containsExactly(HOME + "/bin/java", "app.Main");
    }

    @Test
    void refusesASnapUnlessOnlyItsStarterCameFromOne() {
        Map<String, String> snap = Map.of("SNAP", "/snap/app/7");
        assertThat(refusal(facts(
                        "/snap/app/7/jre/bin/java",
                        List.of("java", "app.Main"),
                        "app.Main",
                        Optional.empty(),
                        "/snap/app/7/jre",
                        List.of(),
                        snap)))
                .contains("snap");
        assertThat(command(Restart.of(facts(
                        HOME + "/bin/java",
                        List.of("java", "app.Main"),
                        "app.Main",
                        Optional.empty(),
                        List.of(),
                        snap))))
                .contains("app.Main");
    }

    @Test
    void refusesAProgramThatHasAJvmInIt() {
        assertThat(refusal(facts("/opt/app/app", List.of("app"), "", Optional.empty(), List.of(), Map.of())))
                .contains("\"/opt/app/app\" is neither");
        assertThat(refusal(facts(
                        "/opt/app/app", List.of("app"), "", Optional.of("/opt/other/bin/other"), List.of(), Map.of())))
                .contains("\"/opt/app/app\" is neither");
    }

    @Test
    void refusesWhatCannotBeReadWithItsReason() {
        assertThat(refusal(new StartFacts(
                        Observation.unknown("it runs in a sandbox"),
                        HOME,
                        Optional.empty(),
                        "app.Main",
                        List.of(),
                        Map.of())))
                .isEqualTo("it runs in a sandbox");
    }

    private static Restart java(String mainAndArguments, List<String> arguments) {
        return Restart.of(
                facts(HOME + "/bin/java", arguments, mainAndArguments, Optional.empty(), List.of(), Map.of()));
    }

    private static StartFacts jpackage(String launcher, List<String> arguments, List<String> options) {
        return facts(launcher, arguments, "app.Main", Optional.of(launcher), "/opt/app/lib/runtime", options, Map.of());
    }

    private static StartFacts facts(
            String executable,
            List<String> arguments,
            String mainAndArguments,
            Optional<String> jpackage,
            List<String> options,
            Map<String, String> environment) {
        return facts(executable, arguments, mainAndArguments, jpackage, HOME, options, environment);
    }

    private static StartFacts facts(
            String executable,
            List<String> arguments,
            String mainAndArguments,
            Optional<String> jpackage,
            String javaHome,
            List<String> options,
            Map<String, String> environment) {
        return new StartFacts(
                Observation.seen(new OwnCommand(executable, arguments, HERE)),
                javaHome,
                jpackage,
                mainAndArguments,
                options,
                environment);
    }

    private static List<String> command(Restart restart) {
        assertThat(restart).isInstanceOf(Restart.Known.class);
        return ((Restart.Known) restart).command();
    }

    private static String refusal(StartFacts facts) {
        Restart restart = Restart.of(facts);
        assertThat(restart).isInstanceOf(Restart.Refused.class);
        return ((Restart.Refused) restart).reason();
    }
}
