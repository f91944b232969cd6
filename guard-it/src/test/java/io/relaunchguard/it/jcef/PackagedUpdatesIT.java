package io.relaunchguard.it.jcef;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.AppImage;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The guide's launcher with a real JCEF as jpackage makes it a program, updated in place several times, each by {@code restart()}. */
@Tag("long")
@Tag("jcef")
@Tag("installer")
@Tag("H34")
@Tag("H55")
@Needs({Need.JCEF, Need.AWT, Need.XVFB, Need.OPENBOX, Need.XPROP, Need.JPACKAGE, Need.NAMESPACES})
class PackagedUpdatesIT {

    private static final int UPDATES = Integer.getInteger("relaunch-guard.updates", 3);

    @AutoClose
    private JcefDesktop desktop;

    private Path image;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        desktop = new JcefDesktop();
        image = AppImage.of(
                desktop.sandbox(),
                Path.of(System.getProperty("java.home")),
                FaultyLauncher.class,
                "-XX:TieredStopAtLevel=1",
                "-D%s=0".formatted(FaultyLauncher.BUILD));
    }

    @Test
    void eachEndsInTheNewBuildWithTheCookie() throws IOException {
        desktop.start(List.of(image.resolve(AppImage.LAUNCHER).toString()), Map.of());

        ProcessHandle last = update();

        assertThat(Files.readSymbolicLink(Path.of("/proc/%d/exe".formatted(last.pid()))))
                .isEqualTo(image.resolve(AppImage.LAUNCHER));
    }

    @Test
    void eachEndsInTheNewBuildThoughTheMountOfTheOldOneGoesWithIt() throws IOException {
        Path gone = desktop.sandbox().root().resolve("mounts");
        desktop.start(AppImage.mounted(desktop.sandbox(), image, gone), Map.of());

        update();

        await().atMost(30, SECONDS).until(() -> Files.readAllLines(gone).size() == UPDATES);
        assertThat(Files.readAllLines(gone)).doesNotHaveDuplicates();
    }

    private ProcessHandle update() throws IOException {
        ProcessHandle launcher = desktop.awaitVisit();
        for (int build = 1; build <= UPDATES; build++) {
            ProcessHandle old = launcher;
            putInPlace(build);

            desktop.title("press Update now");

            launcher = desktop.awaitVisit();
            desktop.awaitSaid(launcher, "is build " + build);
            assertThat(desktop.cookies()).as("after update " + build).contains("kept=yes");
            await().atMost(30, SECONDS).until(() -> !Sandbox.isAlive(old.pid()));
        }
        desktop.assertNothingIsBroken();
        return launcher;
    }

    /** As an updater does. */
    private void putInPlace(int build) throws IOException {
        Path settings = image.resolve(AppImage.SETTINGS);
        Path updated = Files.writeString(
                settings.resolveSibling("updated"),
                Files.readString(settings).replaceAll("(%s=)\\d+".formatted(FaultyLauncher.BUILD), "$1" + build));
        Files.move(updated, settings, StandardCopyOption.ATOMIC_MOVE);
    }
}
