package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.desktop.Editor;
import io.relaunchguard.it.desktop.OtherWork;
import io.relaunchguard.it.harness.Display;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The right to be in front, on a desktop whose window manager gives it to nobody without a click. */
@Tag("long")
@Tag("H29")
@Needs({Need.AWT, Need.XVFB, Need.METACITY, Need.XPROP})
class FocusStealingIT {

    private static final Pattern WORKED = Pattern.compile("worked at (\\d+)");

    private Sandbox sandbox;
    private Display display;

    @BeforeEach
    void open() throws IOException {
        sandbox = new Sandbox();
        display = Display.openPreventingFocusStealing();
    }

    @AfterEach
    void close() {
        sandbox.close();
        display.close();
    }

    @Test
    void theClickOnASecondStartBringsTheRunningInstanceToTheFront() throws Exception {
        long worked = workBeforeAnEditor(true);

        secondStart("none", Optional.empty());
        assertStaysBehindAndAPersonCanTypeOn();
        secondStart("old", Optional.of(worked - 60_000));
        assertStaysBehindAndAPersonCanTypeOn();

        secondStart("new", Optional.of(now()));
        await().atMost(60, SECONDS).until(() -> seen().endsWith("\nwithout the keyboard: red"));
    }

    @Test
    void theHandlerThatIsThereByDefaultDoesNotTakeThatRight() throws Exception {
        workBeforeAnEditor(false);

        secondStart("new", Optional.of(now()));
        assertStaysBehindAndAPersonCanTypeOn();
    }

    /** The time of that work. */
    private long workBeforeAnEditor(boolean activates) throws IOException {
        Process editor = start("editor", Optional.empty(), Editor.class, "--activates=" + activates);
        await().atMost(60, SECONDS).until(() -> sandbox.output("editor.out").contains("ready"));
        sandbox.writeLock(LaunchGuard.currentPlatform()
                        .open(sandbox.profile())
                        .host()
                        .read()
                        .host()
                        .toOptional()
                        .orElseThrow()
                + "-" + editor.pid());
        start("work", Optional.empty(), OtherWork.class);
        await().atMost(60, SECONDS).until(() -> seen().endsWith("\nblue"));
        Matcher matcher = WORKED.matcher(seen());
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** As a panel starts it after a click at that time, or a terminal. */
    private void secondStart(String name, Optional<Long> click) throws Exception {
        Process start = start(
                name, click.map(time -> "panel-4711-host-editor-0_TIME" + time), Editor.class, "--activates=false");
        assertThat(start.waitFor(60, SECONDS)).isTrue();
        assertThat(start.exitValue()).as(sandbox.output(name + ".err")).isZero();
    }

    /** A window that is behind must not have the keyboard: a person would not see where the words go. */
    private void assertStaysBehindAndAPersonCanTypeOn() {
        await().during(Duration.ofSeconds(1)).atMost(60, SECONDS).until(() -> seen().endsWith("\nblue"));
    }

    /** By the clock of an X server on this machine, which is that of System.nanoTime. */
    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private String seen() throws IOException {
        return sandbox.output("work.out").strip();
    }

    private Process start(String name, Optional<String> startupId, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        command.add("--relaunch-guard.profile=" + sandbox.profile());
        command.add("--relaunch-guard.second-start.enabled=true");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(sandbox.root().resolve(name + ".out").toFile())
                .redirectError(sandbox.root().resolve(name + ".err").toFile());
        builder.environment().put("DISPLAY", display.name());
        builder.environment().remove("DESKTOP_STARTUP_ID");
        startupId.ifPresent(id -> builder.environment().put("DESKTOP_STARTUP_ID", id));
        return sandbox.start(builder);
    }
}
