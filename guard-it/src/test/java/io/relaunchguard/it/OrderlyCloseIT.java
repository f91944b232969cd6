package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.it.harness.ClosingApplication;
import io.relaunchguard.it.harness.OutgoingApplication;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real web application closes, with graceful shutdown and an event stream of its own page open. */
@Tag("H35")
@Tag("long")
class OrderlyCloseIT {

    // Longer than the defaults, for machines that have much else to do: the event stream alone would take 30 s.
    private static final Duration GRACE = Duration.ofSeconds(8);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration TERM_GRACE = LaunchPolicy.DEFAULT.termGrace();

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    @Test
    @Tag("H57")
    void oneThatHandsOverEndsInGoodOrderWithItsBrowserDisposed() throws Exception {
        Process old = handsOver("is fast");

        assertThat(old.waitFor(120, SECONDS)).isTrue();

        assertThat(old.exitValue()).as(sandbox.output("old.out")).isZero();
        assertThat(sandbox.output("old.out")).contains("\ndisposed\n", "\nclosed\n");
        assertSucceeds();
        assertThat(sandbox.output("old.out")).contains("\nREADY []");
    }

    @Test
    void oneWhoseBrowserHangsIsEndedWithinTheBoundsOfEveryLaunch() throws Exception {
        Process old = handsOver("hangs");
        await().atMost(120, SECONDS).until(() -> sandbox.output("old.out").contains("\ndisposing\n"));

        assertThat(old.waitFor(120, SECONDS)).isTrue();

        assertThat(old.exitValue()).isEqualTo(137);
        assertThat(sandbox.output("old.out")).doesNotContain("\ndisposed\n");
        assertSucceeds();
        assertThat(sandbox.output("old.out")).contains("[signal=KILL, pid=%d, result=DELIVERED".formatted(old.pid()));
    }

    @Test
    @Tag("H56")
    void oneThatClosesWithoutAnUpdateIsWaitedForWithoutASignal() throws Exception {
        List<String> command = withGrace(ClosingApplication.command(sandbox.profile(), "is slow"));
        // Without an update nothing shortens the phases, and its notice is good for as long as the event stream alone
        // takes.
        command.add(1, "-Dspring.lifecycle.timeout-per-shutdown-phase=1s");
        Process old = sandbox.start("old", command);
        await().atMost(120, SECONDS).until(() -> sandbox.output("old.out").contains("\ndisposing\n"));
        assertThat(sandbox.profile().resolve("RelaunchGuard.closing")).exists();

        LaunchPolicy patient = new LaunchPolicy(
                Duration.ofMinutes(5),
                PATIENCE,
                GRACE,
                LIMIT,
                TERM_GRACE,
                TERM_GRACE,
                PATIENCE,
                Duration.ofMillis(500));
        LaunchReport report;
        try (LaunchPermit permit = LaunchGuard.forProfile(sandbox.profile())
                .withPolicy(patient)
                .withListener(new LaunchListener() {
                    @Override
                    public void waiting(Answer answer) {
                        letGoOn();
                    }
                })
                .launch()
                .permitOrThrow()) {
            report = permit.report();
        }

        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.signals()).isEmpty();
        assertThat(old.waitFor(120, SECONDS)).isTrue();
        assertThat(old.exitValue()).isZero();
        assertThat(sandbox.output("old.out")).contains("\ndisposed\n");
    }

    private Process handsOver(String disposal) throws IOException {
        List<String> successor = withGrace(OutgoingApplication.command("succeeds", sandbox.profile()));
        Process old = sandbox.start(
                "old",
                withGrace(ClosingApplication.command(sandbox.profile(), disposal, successor.toArray(String[]::new))));
        await().atMost(120, SECONDS).until(() -> sandbox.output("old.out").contains("\nClaimed\n"));
        sandbox.adoptTree(old.toHandle());
        return old;
    }

    private static List<String> withGrace(List<String> command) {
        List<String> patient = new ArrayList<>(command);
        patient.addAll(
                1,
                List.of("-Drelaunch-guard.teardown-grace=" + GRACE, "-Drelaunch-guard.teardown-grace-limit=" + LIMIT));
        return patient;
    }

    private void assertSucceeds() {
        await().atMost(120, SECONDS).until(() -> sandbox.output("old.out").contains("\nREADY ["));
    }

    private void letGoOn() {
        try {
            Files.createFile(sandbox.root().resolve("go"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
