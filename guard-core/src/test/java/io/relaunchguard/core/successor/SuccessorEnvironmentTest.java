package io.relaunchguard.core.successor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("H34")
class SuccessorEnvironmentTest {

    private static final String APPDIR = "APPDIR=/tmp/.mount_appAb12";
    private static final String APPIMAGE = "APPIMAGE=/home/ada/app.AppImage";

    @Test
    void keepsWhatNoLauncherHasAddedAsItIsAndInItsOrder() {
        List<String> environment = List.of(
                "PATH=/usr/bin::/bin",
                "EMPTY=",
                "odd",
                "=strange=1",
                "LD_LIBRARY_PATH=/opt/x/lib/app",
                "UMLAUT=\u00c3\u00bc\u00ff",
                "PATH=/second",
                "APPDIR=/opt/x",
                "OWD=/home/ada",
                "JAVA_TOOL_OPTIONS=-Xmx1g  '-Dname=a b' ");

        assertThat(SuccessorEnvironment.of(environment, Optional.empty())).isEqualTo(environment);
    }

    @ParameterizedTest
    @CsvSource({
        "/x:/y:/opt/a/lib/app, LD_LIBRARY_PATH=/x:/y",
        ":/opt/a/lib/app, ''",
        "/opt/a/lib/app, ''",
        "/opt/a/lib/app:/x, LD_LIBRARY_PATH=/x",
        "/x:/opt/a/lib/app2, LD_LIBRARY_PATH=/x:/opt/a/lib/app2",
    })
    void takesOutWhatTheLauncherOfJpackageHasAdded(String libraries, String left) {
        assertThat(SuccessorEnvironment.of(
                        List.of("_JPACKAGE_LAUNCHER=47037723", "LD_LIBRARY_PATH=" + libraries, "HOME=/home/ada"),
                        Optional.of("/opt/a/bin/a")))
                .isEqualTo(left.isEmpty() ? List.of("HOME=/home/ada") : List.of(left, "HOME=/home/ada"));
    }

    @Test
    void takesOutWhatIsOfAnAppImageOrBelowItsMount() {
        assertThat(SuccessorEnvironment.of(
                        List.of(
                                APPDIR,
                                APPIMAGE,
                                "ARGV0=./app",
                                "OWD=/home/ada",
                                "PATH=/tmp/.mount_appAb12/usr/bin:/usr/bin:/tmp/.mount_appAb123/bin",
                                "LD_LIBRARY_PATH=/tmp/.mount_appAb12/usr/lib",
                                "XDG_DATA_DIRS=/usr/share:/tmp/.mount_appAb12",
                                "GDK_PIXBUF_MODULE_FILE=/tmp/.mount_appAb12/loaders.cache",
                                "NOTE=see file:/tmp/.mount_appAb12/readme"),
                        Optional.empty()))
                .containsExactly(
                        "PATH=/usr/bin:/tmp/.mount_appAb123/bin",
                        "XDG_DATA_DIRS=/usr/share",
                        "NOTE=see file:/tmp/.mount_appAb12/readme");
    }

    @Test
    void takesNoRootForAMount() {
        List<String> environment = List.of("APPDIR=/", APPIMAGE, "PATH=/usr/bin");

        assertThat(SuccessorEnvironment.of(environment, Optional.empty())).isEqualTo(environment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005",
                "-Xrunjdwp:transport=dt_socket,address=5005",
                "-Dcom.sun.management.jmxremote.port=9010",
                "-Dcom.sun.management.jmxremote.rmi.port=9011",
                "-javaagent:/opt/jmx.jar=9404:/etc/jmx.yaml",
                "-javaagent:/opt/jolokia.jar=host=127.0.0.1,port=8778,user=a",
                "'-javaagent:/opt/an agent.jar=9404:/etc/jmx.yaml'",
                "\"-agentlib:jdwp=transport=dt_socket,address=5005\"",
            })
    void claimsNoPortTwice(String option) {
        assertThat(SuccessorEnvironment.of(
                        List.of("JAVA_TOOL_OPTIONS=-Xmx1g " + option + " '-Dname=a b'", "JDK_JAVA_OPTIONS=" + option),
                        Optional.empty()))
                .containsExactly("JAVA_TOOL_OPTIONS=-Xmx1g '-Dname=a b'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-javaagent:/opt/otel.jar",
                "-javaagent:/opt/otel.jar=/etc/otel.properties",
                "-Dserver.port=8080",
                "-agentlib:hprof",
                "-Xmx1g -Dquote='",
            })
    void keepsEveryOtherOption(String option) {
        List<String> environment = List.of("JDK_JAVA_OPTIONS=" + option);

        assertThat(SuccessorEnvironment.of(environment, Optional.empty())).isEqualTo(environment);
    }

    @Test
    void passesOnAsItIsWhatTheApplicationKeeps() {
        List<String> environment = List.of(
                "_JPACKAGE_LAUNCHER=1",
                APPDIR,
                APPIMAGE,
                "PATH=/tmp/.mount_appAb12/usr/bin:/usr/bin",
                "JAVA_TOOL_OPTIONS=-agentlib:jdwp=transport=dt_socket,address=5005");

        assertThat(SuccessorEnvironment.of(
                        environment,
                        Optional.empty(),
                        new EnvironmentRules(
                                Set.of("_JPACKAGE_LAUNCHER", "APPDIR", "APPIMAGE", "PATH", "JAVA_TOOL_OPTIONS"),
                                Set.of())))
                .isEqualTo(environment);
    }

    @Test
    void takesOutWhatTheApplicationDropsAndNothingThatOnlyResemblesIt() {
        assertThat(SuccessorEnvironment.of(
                        List.of("SECRET=1", "SECRET_2=2", "secret=3", "A=SECRET", "SECRET", "_JPACKAGE_LAUNCHER=1"),
                        Optional.empty(),
                        new EnvironmentRules(Set.of(), Set.of("SECRET"))))
                .containsExactly("SECRET_2=2", "secret=3", "A=SECRET", "SECRET");
    }

    @Test
    void refusesRulesThatContradictThemselvesOrNameNoVariable() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EnvironmentRules(Set.of("A"), Set.of("A")))
                .withMessageContaining("A cannot be kept and dropped");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EnvironmentRules(Set.of("A=1"), Set.of()))
                .withMessageContaining("\"A=1\"");
        assertThatIllegalArgumentException().isThrownBy(() -> new EnvironmentRules(Set.of(), Set.of(" ")));
    }
}
