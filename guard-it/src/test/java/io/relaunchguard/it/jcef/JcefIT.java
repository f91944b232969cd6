package io.relaunchguard.it.jcef;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Display;
import io.relaunchguard.it.harness.Preconditions;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guide's launcher with a real JCEF in a real window, from update to window, whatever becomes of the old instance. */
@Tag("jcef")
class JcefIT {

    /** Unpacked once, by the first that starts. */
    private static final Path CEF = Path.of("target", "jcef").toAbsolutePath();

    private static final Pattern LOADED = Pattern.compile("^(\\d+) loaded 200$", Pattern.MULTILINE);

    private Sandbox sandbox;
    private Display display;
    private Site site;
    private int visits;

    @BeforeEach
    void open() throws IOException {
        URL natives = getClass().getResource("/me/friwi/jcefmaven/CefNativeBundle.class");
        Preconditions.needs(natives != null, "the natives of JCEF for Linux on x86-64");
        sandbox = new Sandbox();
        display = Display.open();
        site = new Site();
    }

    @AfterEach
    void close() {
        sandbox.close();
        site.close();
        display.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "block the browser's thread",
                "block the event thread",
                "hang in a shutdown hook",
                "halt",
                "be stopped",
                "press Update now"
            })
    @Tag("H01")
    void anUpdateEndsInABrowserOnAWholeProfileWhateverTheOldInstanceDoes(String fault) throws Exception {
        start();
        ProcessHandle old = awaitVisit();
        if (!fault.equals("press Update now")) {
            site.title(visits, "hand over");
        }
        if (fault.equals("be stopped")) {
            await().atMost(30, SECONDS).until(() -> said().contains(old.pid() + " handed over"));
            sandbox.stop(old);
        } else {
            site.title(visits, fault);
        }

        ProcessHandle successor = awaitVisit();

        assertThat(successor).isNotEqualTo(old);
        assertThat(Sandbox.isAlive(old.pid())).isFalse();
        assertThat(site.cookies(visits)).contains("kept=yes");
        assertNothingIsBroken();
    }

    @Test
    @Tag("H01")
    void oneThatBlocksWhileItStartsIsReplaced() throws Exception {
        Process old = start("--faulty.start=block");
        await().atMost(60, SECONDS)
                .until(() -> said().contains(old.pid() + " blocks")
                        && sandbox.lockTarget().isPresent());
        new MarkerWriter(LaunchGuard.currentPlatform().open(sandbox.profile()))
                .write(old.pid(), "1", "2", Duration.ofSeconds(10));

        start();

        assertThat(awaitVisit().pid()).isNotEqualTo(old.pid());
        assertThat(old.waitFor(10, SECONDS)).isTrue();
        assertNothingIsBroken();
    }

    @Test
    @Tag("H03")
    void oneWhoseEventThreadIsBlockedIsNotWedgedAndIsSpared() throws Exception {
        Process busy = start();
        awaitVisit();
        site.title(visits, "block the event thread");
        await().atMost(30, SECONDS).until(() -> said().contains(busy.pid() + " blocks"));

        Process second = start();

        assertThat(second.waitFor(60, SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(3);
        assertThat(busy.isAlive()).isTrue();
    }

    @Test
    void tenUpdatesInARowKeepTheCookie() throws Exception {
        start();
        awaitVisit();
        for (int update = 1; update <= 10; update++) {
            site.title(visits, "press Update now");
            awaitVisit();
            assertThat(site.cookies(visits)).as("after update " + update).contains("kept=yes");
        }
        assertNothingIsBroken();
    }

    @Test
    void sigtermClosesTheApplicationThoughCefTookTheHandler() throws Exception {
        Process launcher = start();
        awaitVisit();
        launcher.destroy();
        assertThat(launcher.waitFor(30, SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isZero();
        assertThat(said()).contains(launcher.pid() + " closed");
    }

    @Test
    void aBrowserThatCannotBeInitialisedIsNoticedAndTold() throws Exception {
        start("--faulty.start=lock of another host");
        await().atMost(60, SECONDS).until(() -> said().contains("The browser could not be initialised"));
    }

    /** The next visit's process, once its page is there, its script has run and its cookies are on the disk. */
    private ProcessHandle awaitVisit() throws IOException {
        visits++;
        await().atMost(60, SECONDS).until(() -> site.isShown(visits) && loaded().size() >= visits);
        ProcessHandle launcher = ProcessHandle.of(loaded().get(visits - 1)).orElseThrow();
        sandbox.adopt(launcher);
        return launcher;
    }

    private List<Long> loaded() throws IOException {
        List<Long> pids = new ArrayList<>();
        Matcher matcher = LOADED.matcher(said());
        while (matcher.find()) {
            pids.add(Long.parseLong(matcher.group(1)));
        }
        return pids;
    }

    private void assertNothingIsBroken() throws IOException {
        assertThat(said().toLowerCase(Locale.ROOT))
                .doesNotContain("database is locked", "corrupt", "could not be initialised", "failed to open");
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                FaultyLauncher.class.getName()));
        String successor = String.join(",", command);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        sandbox.root().resolve("out").toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        sandbox.root().resolve("err").toFile()));
        builder.environment().put("DISPLAY", display.name());
        builder.environment().put("RELAUNCHGUARD_PROFILE", sandbox.profile().toString());
        builder.environment().put("LAUNCHER_CEF", CEF.toString());
        builder.environment().put("LAUNCHER_PAGE", site.address());
        builder.environment().put("LAUNCHER_COMMAND", successor);
        return sandbox.start(builder);
    }

    private String said() throws IOException {
        return sandbox.output("out") + sandbox.output("err");
    }
}
