package io.relaunchguard.it.jcef;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The guide's launcher with a real JCEF in a real window, from update to window, whatever becomes of the old instance. */
@Tag("long")
@Tag("jcef")
@Needs(
        value = {Need.JCEF, Need.AWT, Need.XVFB, Need.OPENBOX, Need.XPROP},
        exceptOn = OS.WINDOWS) // which has a desktop, and for which jcefmaven fetches JCEF
class JcefIT {

    /** On Windows, restart() refuses: the application names its command. */
    private static final String UPDATE = OS.WINDOWS.isCurrentOs() ? "hand over and close" : "press Update now";

    @AutoClose
    private JcefDesktop desktop;

    @BeforeEach
    void open() throws IOException {
        desktop = new JcefDesktop();
    }

    static List<String> faults() {
        return List.of(
                "block the browser's thread", "block the event thread", "hang in a shutdown hook", "halt", UPDATE);
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Tag("H01")
    void anUpdateEndsInABrowserOnAWholeProfileWhateverTheOldInstanceDoes(String fault) throws Exception {
        desktop.start();
        ProcessHandle old = desktop.awaitVisit();
        if (!fault.equals(UPDATE)) {
            handOver(old);
        }
        desktop.title(fault);

        assertReplaced(old);
    }

    @Test
    @Tag("H01")
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows has no signal that suspends a process")
    void anUpdateEndsInABrowserOnAWholeProfileThoughTheOldInstanceIsStopped() throws Exception {
        desktop.start();
        ProcessHandle old = desktop.awaitVisit();
        handOver(old);
        desktop.sandbox().stop(old);

        assertReplaced(old);
    }

    private void handOver(ProcessHandle old) throws IOException {
        desktop.title("hand over");
        desktop.awaitSaid(old, "handed over");
        desktop.sandbox().adoptTree(old); // with the successor, while its parent is alive
    }

    private void assertReplaced(ProcessHandle old) throws IOException {
        ProcessHandle successor = desktop.awaitVisit();

        assertThat(successor).isNotEqualTo(old);
        assertThat(Sandbox.isAlive(old)).isFalse();
        assertThat(desktop.cookies()).contains("kept=yes");
        desktop.assertNothingIsBroken();
    }

    @Test
    @Tag("H01")
    void oneThatBlocksWhileItStartsIsReplaced() throws Exception {
        Process old = desktop.start("--faulty.start=block");
        desktop.awaitSaid(old.toHandle(), "blocks");
        await().atMost(60, SECONDS).until(desktop::isLocked);
        desktop.mark(old.toHandle());

        desktop.start();

        assertThat(desktop.awaitVisit().pid()).isNotEqualTo(old.pid());
        assertThat(old.waitFor(60, SECONDS)).isTrue();
        desktop.assertNothingIsBroken();
    }

    @Test
    @Tag("H03")
    void oneWhoseEventThreadIsBlockedIsNotWedgedAndIsSpared() throws Exception {
        Process busy = desktop.start();
        desktop.awaitVisit();
        desktop.title("block the event thread");
        desktop.awaitSaid(busy.toHandle(), "blocks");

        Process second = desktop.start();

        assertThat(second.waitFor(60, SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(3);
        assertThat(busy.isAlive()).isTrue();
    }

    @Test
    void tenUpdatesInARowKeepTheCookieAndEndInAWindow() throws Exception {
        Files.createDirectories(FaultyLauncher.PICTURE.getParent());
        Files.deleteIfExists(FaultyLauncher.PICTURE);
        desktop.start();
        ProcessHandle launcher = desktop.awaitVisit();
        for (int update = 1; update <= 10; update++) {
            desktop.title(UPDATE);
            launcher = desktop.awaitVisit();
            assertThat(desktop.cookies()).as("after update " + update).contains("kept=yes");
        }
        desktop.assertNothingIsBroken();

        desktop.title("be photographed");
        desktop.awaitSaid(launcher, "was photographed");
        assertThat(colours(ImageIO.read(FaultyLauncher.PICTURE.toFile())))
                .hasSizeGreaterThan(20) // of the letters' edges, above all
                .contains(Site.COLOUR.getRGB());
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows has no SIGTERM")
    void sigtermClosesTheApplicationThoughCefTookTheHandler() throws Exception {
        Process launcher = desktop.start();
        desktop.awaitVisit();
        launcher.destroy();
        assertThat(launcher.waitFor(30, SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isZero();
        assertThat(desktop.said()).contains(launcher.pid() + " closed");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the lock of another host is a link, as on Linux and macOS")
    void aBrowserThatCannotBeInitialisedIsNoticedAndTold() throws Exception {
        desktop.start("--faulty.start=lock of another host");
        await().atMost(60, SECONDS).until(() -> desktop.said().contains("The browser could not be initialised"));
    }

    /** Chromium hands it to the browser that is there. */
    @Test
    @Tag("H29")
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "xprop counts the windows")
    void aStartPastTheGuardBringsTheRunningWindowBackAndOpensNoWindowOfTheBrowsersOwn() throws Exception {
        ProcessHandle running = desktop.start().toHandle();
        desktop.awaitVisit();
        desktop.title("be in the task bar");
        desktop.awaitSaid(running, "is in the task bar");

        desktop.start("--relaunch-guard.enabled=false");

        desktop.awaitSaid(running, "came back");
        await().during(Duration.ofSeconds(2)).atMost(60, SECONDS).until(() -> desktop.windowsOf(running) == 1);
        assertThat(running.isAlive()).isTrue();
    }

    private static Set<Integer> colours(BufferedImage picture) {
        int width = picture.getWidth();
        return Arrays.stream(picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width))
                .boxed()
                .collect(Collectors.toSet());
    }
}
