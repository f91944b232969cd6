package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.it.desktop.CoveredApplication;
import io.relaunchguard.it.desktop.ImpatientStart;
import io.relaunchguard.it.desktop.KeyboardStart;
import io.relaunchguard.it.harness.Display;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.secondstart.RunningApplication;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.desktop.HeldDialog;
import io.relaunchguard.statemachine.desktop.ProgressSplash;
import io.relaunchguard.statemachine.start.HeldHandler;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real windows, on a display of the test's own. The pictures are in {@code target/screenshots}. */
@Tag("long")
@Tag("H29")
@Needs({Need.AWT, Need.XVFB, Need.OPENBOX})
class DesktopIT {

    private static final Path PICTURES = Path.of("target", "screenshots");

    private Sandbox sandbox;
    private Display display;

    @BeforeEach
    void open() throws IOException {
        sandbox = new Sandbox();
        display = Display.open();
        Files.createDirectories(PICTURES);
    }

    @AfterEach
    void close() {
        sandbox.close();
        display.close();
    }

    @Test
    @Tag("H21")
    void aPersonSeesWhoHoldsTheProfileAndMayHaveItEndedByEveryRule() throws Exception {
        Process running = start("running", "", RunningApplication.class, profile());
        await().atMost(60, SECONDS).until(() -> sandbox.output("running.out").contains("ready"));
        ProfilePorts ports = LaunchGuard.currentPlatform().open(sandbox.profile());
        sandbox.writeLock(ports.host().read().host().toOptional().orElseThrow() + "-" + running.pid());
        // Its permit closes because of that; a stopped process would keep it.
        await().atMost(60, SECONDS).until(() -> ports.launchLock().probe() instanceof Observation.Seen);
        sandbox.stop(running.toHandle());
        Process start = start(
                "start",
                named() + File.pathSeparator,
                ImpatientStart.class,
                PICTURES.toAbsolutePath().toString(),
                profile(),
                "--relaunch-guard.second-start.deadline=500ms",
                "--relaunch-guard.teardown-grace=6s",
                "--relaunch-guard.teardown-grace-limit=6s",
                "--spring.application.name=Editor");

        assertThat(start.waitFor(90, SECONDS)).isTrue();
        assertThat(sandbox.output("start.out"))
                .as(sandbox.output("start.err"))
                .contains("focus in the splash: false", "started true");
        assertThat(running.waitFor(60, SECONDS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "starting.png, 1, 'The running program is still starting.', --slow.start=40s, starts, false",
        "starting-200.png, 2, 'The running program is still starting.', --slow.start=40s, starts, false",
        "closing.png, 1, 'The running program is closing.', --slow.close=40s, ready, false",
        "closing-200.png, 2, 'The running program is closing.', --slow.close=40s, ready, false",
        "hanging.png, 1, 'The running program received the request, but does not respond.', --none, ready, true",
        "hanging-200.png, 2, 'The running program received the request, but does not respond.', --none, ready, true"
    })
    @Tag("H21")
    @Tag("H38")
    void aPersonWithAKeyboardIsToldWhatTheRunningProgramDoes(
            String picture, String scale, String text, String habit, String until, boolean endable) throws Exception {
        Process running = start("running", "", RunningApplication.class, profile(), habit);
        await().atMost(60, SECONDS).until(() -> sandbox.output("running.out").contains(until));
        sandbox.writeLock(LaunchGuard.currentPlatform()
                        .open(sandbox.profile())
                        .host()
                        .read()
                        .host()
                        .toOptional()
                        .orElseThrow()
                + "-" + running.pid());
        if (habit.startsWith("--slow.close")) {
            running.destroy();
            await().atMost(60, SECONDS)
                    .until(() -> sandbox.output("running.out").contains("closes"));
        }

        Process start = start(
                "start",
                named() + File.pathSeparator,
                KeyboardStart.class,
                List.of("-Dsun.java2d.uiScale=" + scale),
                PICTURES.toAbsolutePath().toString(),
                picture,
                text,
                profile(),
                "hang",
                "--relaunch-guard.second-start.deadline=3s",
                "--relaunch-guard.second-start.starting-wait=1s",
                "--relaunch-guard.second-start.closing-wait=1s",
                "--spring.application.name=Editor");

        assertThat(start.waitFor(90, SECONDS)).isTrue();
        assertThat(sandbox.output("start.out"))
                .as(sandbox.output("start.err"))
                .contains(
                        "focus: Switch to it, push button",
                        "dialog: dialog, Editor is running already (process " + running.pid(),
                        text,
                        "can be ended: " + endable);
        // By Escape: the dialog would wait for ever.
        assertThat(start.exitValue()).isEqualTo(3);
        assertThat(running.isAlive()).isTrue();
    }

    /** The splash and the dialog, as an application names them. */
    private Path named() throws IOException {
        Path factories = Files.createDirectories(sandbox.root().resolve("named/META-INF"));
        Files.writeString(
                factories.resolve("spring.factories"),
                "%s=%s%n%s=%s%n"
                        .formatted(
                                LaunchListener.class.getName(),
                                ProgressSplash.class.getName(),
                                HeldHandler.class.getName(),
                                HeldDialog.class.getName()));
        return factories.getParent();
    }

    @Test
    void aSecondStartBringsTheWindowToTheFront() throws Exception {
        Process application = start("covered", "", CoveredApplication.class, PICTURES.toString());
        assertThat(application.waitFor(60, SECONDS)).isTrue();
        assertThat(sandbox.output("covered.out"))
                .as(sandbox.output("covered.err"))
                .contains("covered", "in front");
    }

    private String profile() {
        return "--relaunch-guard.profile=" + sandbox.profile();
    }

    private Process start(String name, String before, Class<?> main, String... arguments) throws IOException {
        return start(name, before, main, List.of(), arguments);
    }

    private Process start(String name, String before, Class<?> main, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Duser.language=en"));
        command.addAll(options);
        command.addAll(List.of("-cp", before + System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        command.add("--relaunch-guard.second-start.enabled=true");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(sandbox.root().resolve(name + ".out").toFile())
                .redirectError(sandbox.root().resolve(name + ".err").toFile());
        builder.environment().put("DISPLAY", display.name());
        return sandbox.start(builder);
    }
}
