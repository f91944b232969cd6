package io.relaunchguard.it.jcef;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.starter.StarterLauncher;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application that leaves JCEF to a Spring starter is guarded by one setting: the guide's. */
@Tag("long")
@Tag("jcef")
@Needs({Need.JCEF, Need.AWT, Need.XVFB, Need.OPENBOX, Need.XPROP})
class StarterIT {

    private static final String SETTING =
            "relaunch-guard.profile=${XDG_DATA_HOME:${user.home}/.local/share}/${jcef.application-name}/cef_data";

    @AutoClose
    private JcefDesktop desktop;

    private Path data;

    @BeforeEach
    void open() throws IOException {
        desktop = new JcefDesktop();
        data = desktop.sandbox().root().resolve("data");
    }

    @Test
    @Tag("H01")
    void oneSettingGuardsAnApplicationThatLeavesJcefToAStarter() throws Exception {
        assertThat(Files.readString(Path.of("../docs/embedding.md"))).contains("\n" + SETTING + "\n");
        Path profile = data.resolve("starter").resolve("cef_data");
        start();
        ProcessHandle first = desktop.awaitVisit();
        assertThat(Files.isSymbolicLink(profile.resolve("SingletonLock")))
                .as("the browser is on the profile that was guarded")
                .isTrue();
        ProfilePorts ports = LaunchGuard.currentPlatform().open(profile);
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(ports.launchLock().probe())
                        .as("the permit closes itself")
                        .isInstanceOf(Observation.Seen.class));

        Process second = start();
        assertThat(second.waitFor(120, SECONDS)).isTrue();
        assertThat(second.exitValue()).as(desktop.said()).isEqualTo(3);
        assertThat(first.isAlive()).isTrue();
        assertThat(desktop.said()).as("no second CEF").doesNotContain(second.pid() + " loaded");

        new MarkerWriter(ports).write(first.pid(), "1", "2", Duration.ofSeconds(10));
        start();
        ProcessHandle successor = desktop.awaitVisit();
        assertThat(successor).isNotEqualTo(first);
        assertThat(Sandbox.isAlive(first.pid())).isFalse();
    }

    private Process start() throws IOException {
        return desktop.start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StarterLauncher.class.getName(),
                        "--jcef.application-name=starter",
                        "--" + SETTING),
                Map.of("XDG_DATA_HOME", data.toString()));
    }
}
