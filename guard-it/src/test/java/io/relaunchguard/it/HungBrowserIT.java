package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.harness.ThreadHang;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Old instances that are wedged in the ways that SIGSTOP of one process does not show. */
class HungBrowserIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H03")
    @Tag("H04")
    @Needs({Need.CHROMIUM, Need.STRACE})
    void asksABrowserWithAHungUserInterfaceOnceAndThenForcesIt() throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        List<ProcessHandle> helpers = wedged.helpers();
        try (ThreadHang hang = ThreadHang.of(sandbox, wedged.pid())) {
            assertThat(Chromium.answersDevTools(sandbox.profile())).isFalse();
            cli.mark(wedged.pid());

            Cli.Run run = cli.launch("--term-grace=PT1S");

            assertThat(run.exitCode()).as(run.out()).isZero();
            // A second SIGTERM would end it without any clean-up: Chromium resets its handler at the first.
            assertThat(run.signals().stream().filter(signal -> !signal.startsWith("CONT")))
                    .containsExactly("TERM " + wedged.pid(), "KILL " + wedged.pid());
            assertThat(run.states()).endsWith("TEARDOWN_GRACE", "TERM", "REVALIDATE", "KILL", "PREFLIGHT", "READY");
            assertThat(Sandbox.isAlive(wedged.pid())).isFalse();
            assertThat(sandbox.lockTarget()).isEmpty();
            await().atMost(60, SECONDS)
                    .until(() -> helpers.stream().noneMatch(helper -> Sandbox.isAlive(helper.pid())));
            Chromium successor = Chromium.start(sandbox, "successor");
            assertThat(successor.databaseErrors()).isEmpty();
            assertThat(hang.isHolding()).isTrue();
        }
    }

    @Test
    @Tag("H04")
    @Tag("H16")
    @Needs(Need.CHROMIUM)
    void endsABrowserWithAllItsHelpersStoppedWithoutForceAndLeavesNoneBehind() throws Exception {
        Chromium wedged = Chromium.start(sandbox, "wedged");
        List<ProcessHandle> helpers = wedged.helpers();
        sandbox.stop(wedged.handle());
        helpers.stream().filter(helper -> Sandbox.isAlive(helper.pid())).forEach(sandbox::stop);
        cli.mark(wedged.pid());

        Cli.Run run = cli.launch("--term-grace=PT2S");

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals())
                .as("resumed, its helpers let it follow the request")
                .noneMatch(signal -> signal.startsWith("KILL"));
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(helpers)
                        .as("also those without files of the profile")
                        .noneMatch(helper -> Sandbox.isAlive(helper.pid())));
    }

    @Tag("long")
    @Test
    @Tag("H03")
    void givesAnOldInstanceThatIsStillAtWorkTheWholeGrace() throws Exception {
        Process busy = sandbox.start("busy", List.of("/bin/sh", "-c", "while :; do :; done"));
        sandbox.writeLock(hostName() + "-" + busy.pid());
        cli.mark(busy.pid());

        Cli.Run run = cli.run(
                "launch",
                "--json",
                "--profile=" + sandbox.profile(),
                "--teardown-grace=PT0.3S",
                "--teardown-grace-limit=PT1.5S");

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.states().stream().filter("TEARDOWN_GRACE"::equals)).hasSizeGreaterThan(2);
        assertThat(run.states()).endsWith("TEARDOWN_GRACE", "TERM", "PREFLIGHT", "READY");
        double grace = 0;
        for (var visit : run.json().path("timeline")) {
            grace += visit.path("state").asString().equals("TEARDOWN_GRACE")
                    ? visit.path("dwellMillis").asDouble()
                    : 0;
        }
        assertThat(grace).isBetween(1400.0, 3000.0);
        assertThat(run.signals()).containsExactly("TERM " + busy.pid());
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}
