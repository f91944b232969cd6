package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.BrowserOwner;
import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An outgoing application whose browser, a real Chromium, is a process of its own. */
@Needs(Need.CHROMIUM)
class BrowserProcessIT {

    private static final Pattern READY = Pattern.compile("ready (\\d+)\n");

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("H52")
    void aWedgedBrowserIsReapedWhetherOrNotItsApplicationIsAlive(boolean alive) throws Exception {
        Process application = start("PT2M");
        ProcessHandle browser = browser();
        assertThat(Files.readString(sandbox.profile().resolve("RelaunchGuard.marker")))
                .contains("\npid=" + browser.pid() + "\n");
        sandbox.stop(browser);
        if (!alive) {
            application.destroyForcibly().waitFor();
        }

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).startsWith("TERM " + browser.pid());
        assertThat(run.signals()).allMatch(signal -> signal.endsWith(" " + browser.pid()));
        assertThat(Sandbox.isAlive(browser.pid())).isFalse();
        assertThat(application.isAlive()).isEqualTo(alive);
        assertThat(Chromium.start(sandbox, "new").isReady()).isTrue();
    }

    @Test
    @Tag("H19")
    @Tag("H52")
    void theWatchdogOfAnApplicationThatHangsEndsItsBrowserToo() throws Exception {
        Process application = start("PT4S");
        ProcessHandle browser = browser();

        assertThat(application.waitFor(60, SECONDS)).isTrue();

        assertThat(application.exitValue()).isEqualTo(RelaunchHandoff.WATCHDOG_EXIT_CODE);
        await().atMost(30, SECONDS).until(() -> !Sandbox.isAlive(browser.pid()));
    }

    @Test
    @Tag("H01")
    @Tag("H52")
    void theWatchdogSparesTheBrowserOfAnApplicationWhoseConsentIsGone() throws Exception {
        Process application = start("PT8S");
        ProcessHandle browser = browser();
        Files.delete(sandbox.profile().resolve("RelaunchGuard.marker"));

        assertThat(application.waitFor(60, SECONDS)).isTrue();

        assertThat(Sandbox.isAlive(browser.pid())).isTrue();
        assertThat(Chromium.answersDevTools(sandbox.profile())).isTrue();
    }

    @Test
    @Tag("H05")
    @Tag("H52")
    void theDocumentedShellMarksTheBrowserOfItsApplicationAndOfNoOther() throws Exception {
        Process application = start("PT2M");
        ProcessHandle browser = browser();
        Process other = sandbox.start("other", List.of("/bin/sleep", "600"));
        Path marker = sandbox.profile().resolve("RelaunchGuard.marker");
        Files.delete(marker);

        assertThat(mark(other.pid())).isEqualTo(1);
        assertThat(marker).doesNotExist();
        assertThat(mark(application.pid())).as(sandbox.output("mark.err")).isZero();

        assertThat(Files.readString(marker)).contains("pid=" + browser.pid() + "\n");
        application.destroyForcibly().waitFor();
        Cli.Run run = cli.launch();
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(Sandbox.isAlive(browser.pid())).isFalse();
    }

    /** Runs every shell function of the document's, in order. */
    private int mark(long application) throws Exception {
        String shell = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("../docs/marker.md")))
                        .results()
                        .map(block -> block.group(1))
                        .collect(Collectors.joining())
                + "mark_browser \"$0\" \"$1\"";
        return sandbox.start(
                        "mark",
                        List.of("/bin/sh", "-c", shell, sandbox.profile().toString(), Long.toString(application)))
                .waitFor();
    }

    private Process start(String deadline) throws Exception {
        Process application = sandbox.start("old", BrowserOwner.command(sandbox.profile(), deadline));
        await().atMost(60, SECONDS)
                .until(() -> READY.matcher(sandbox.output("old.out")).find() || !application.isAlive());
        sandbox.adoptTree(application.toHandle());
        return application;
    }

    private ProcessHandle browser() throws Exception {
        Matcher ready = READY.matcher(sandbox.output("old.out"));
        assertThat(ready.find()).as(sandbox.output("old.err")).isTrue();
        ProcessHandle browser = ProcessHandle.of(Long.parseLong(ready.group(1))).orElseThrow();
        sandbox.adopt(browser);
        sandbox.adoptTree(browser);
        return browser;
    }
}
