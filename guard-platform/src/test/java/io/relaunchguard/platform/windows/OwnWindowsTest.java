package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Needs a desktop. */
@Tag("windows")
class OwnWindowsTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    private Conversation window(String behaviour) {
        Conversation window = processes.jvm(WindowsChild.class, "window", behaviour);
        assertThat(window.hear()).isEqualTo("window");
        return window;
    }

    private List<SentSignal> request(Conversation window) {
        try (PinnedProcess pin = new WindowsProcessTable(profile)
                .pin(window.process().pid())
                .toOptional()
                .orElseThrow()) {
            return pin.requestExit();
        }
    }

    /** Asks again where an answer came too late, as on a busy machine: each time in the same order. */
    private void requestUntilItEnds(Conversation window) {
        try (PinnedProcess pin = new WindowsProcessTable(profile)
                .pin(window.process().pid())
                .toOptional()
                .orElseThrow()) {
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        pin.requestExit();
                        return !window.process().isAlive();
                    });
        }
    }

    private static SentSignal delivered(Conversation window) {
        return new SentSignal(Signal.TERM, window.process().pid(), SentSignal.Result.DELIVERED, "");
    }

    @Test
    void asksTheWindowsOfTheProcessAndNoOthers() throws InterruptedException {
        Conversation bystander = window("willing");
        Conversation asked = window("willing");

        assertThat(request(asked)).containsExactly(delivered(asked));

        assertThat(asked.hear()).isEqualTo("told 10 0 0");
        assertThat(asked.hear()).isEqualTo("closed");
        assertThat(asked.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
        // The end of its input is the first that the other one hears.
        assertThat(bystander.process().isAlive()).isTrue();
        bystander.end();
        assertThat(bystander.rest()).isEmpty();
    }

    @Test
    void asksAWindowThatIsNotToBeSeenToEndTheSessionAlone() throws InterruptedException {
        Conversation hidden = window("hidden");

        assertThat(request(hidden)).containsExactly(delivered(hidden));

        assertThat(hidden.hear()).isEqualTo("told 11 0 1");
        assertThat(hidden.hear()).isEqualTo("told 16 1 1");
        assertThat(hidden.hear()).isEqualTo("closed");
    }

    @Tag("H04")
    @Test
    void doesNotInsistWhenAWindowDeclines() {
        Conversation stubborn = window("stubborn");

        assertThat(request(stubborn)).containsExactly(delivered(stubborn));

        assertThat(stubborn.hear()).isEqualTo("told 10 0 0");
        assertThat(stubborn.hear()).isEqualTo("told 11 0 1");
        assertThat(stubborn.process().isAlive()).isTrue();
    }

    /** As in JCEF: the tray's window ends the process at once when it is told, and comes before AWT's. */
    @Tag("H04")
    @Tag("H68")
    @Test
    void endsAJvmWithChromiumInItByItsShutdownHooks() {
        Conversation embedding = window("embedding");

        requestUntilItEnds(embedding);

        assertThat(embedding.rest()).containsExactly("hook");
    }

    @Tag("H04")
    @Tag("H68")
    @Test
    void letsAFrameCloseAndDisposeOfTheBrowserFirst() {
        Conversation embedding = window("embedding-frame");

        requestUntilItEnds(embedding);

        assertThat(embedding.rest()).containsExactly("windowClosing", "disposed", "hook");
    }

    /** As Windows does it: every window is asked and told. The tray's comes first here. */
    @Tag("H68")
    @Test
    void leavesTheEndOfTheSessionToTheShutdownHooks() {
        Conversation embedding = window("embedding-protected");

        WindowsChild.endSession(embedding.process().pid());

        assertThat(embedding.rest()).containsExactly("hook");
    }

    /** Nothing else ends it in order. */
    @Tag("H68")
    @Test
    void leavesAChromiumWithoutAwtItsOwnWay() {
        Conversation tray = window("tray-protected");

        WindowsChild.endSession(tray.process().pid());

        assertThat(tray.rest()).containsExactly("told 11 0 0", "told 16 1 0");
    }

    @Tag("H03")
    @Test
    void doesNotWaitForAProcessThatIsSuspended() {
        Conversation window = window("willing");
        WindowsChild.suspend(window.process().pid());
        long before = System.nanoTime();

        assertThat(request(window)).containsExactly(delivered(window));

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        assertThat(window.process().isAlive()).isTrue();
    }

    @Test
    void waitsNoLongerForManyWindowsThanForAFew() {
        Conversation slow = window("slow");
        long begin = System.nanoTime();

        assertThat(request(slow)).containsExactly(delivered(slow));

        Duration forAll = WindowsChild.SLOWNESS.multipliedBy(2L * WindowsChild.SLOW_WINDOWS);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(forAll.minusSeconds(2));
    }
}
