package io.relaunchguard.platform.macos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pins on XNU as its sources tell, in memory. */
class MacosPinTest {

    private static final int PID = 4711;

    private final FakeXnu kernel = new FakeXnu();
    private final MacosProcessTable table = new MacosProcessTable(kernel, Path.of("/"));

    @Test
    void asksAStoppedProcessToExitAndLetsItRun() {
        FakeXnu.Task task = kernel.start(PID, 1);
        task.status = 4;
        try (PinnedProcess pin = pin()) {
            assertThat(pin.requestExit()).containsExactly(delivered(Signal.TERM), delivered(Signal.CONT));
            assertThat(pin.forceExit()).isEqualTo(delivered(Signal.KILL));
            assertThat(kernel.delivered).containsExactly("15 to " + task, "19 to " + task, "9 to " + task);
        }
        assertThat(kernel.open).isEmpty();
    }

    @Tag("H02")
    @Test
    void hitsNoSuccessorUnderTheSamePid() {
        FakeXnu.Task task = kernel.start(PID, 1);
        try (PinnedProcess pin = pin()) {
            kernel.exit(task, true);
            kernel.start(PID, 1);

            assertThat(pin.requestExit()).containsExactly(sent(Signal.TERM, SentSignal.Result.GONE, ""));
            assertThat(pin.forceExit()).isEqualTo(sent(Signal.KILL, SentSignal.Result.GONE, ""));
            assertThat(pin.identity()).isInstanceOf(Observation.Absent.class);
            assertThat(kernel.delivered).isEmpty();
        }
    }

    @Tag("H02")
    @Test
    void looksOnceMoreRightBeforeASignalWhateverTheKernelCompares() {
        kernel.ignoresVersions = true;
        FakeXnu.Task task = kernel.start(PID, 1);
        try (PinnedProcess pin = pin()) {
            kernel.exit(task, true);
            kernel.start(PID, 1);

            assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.GONE);
            assertThat(kernel.delivered).isEmpty();
        }
    }

    @Tag("H02")
    @Test
    void signalsNobodyWhereTheKernelCannotCompareTheVersion() {
        kernel.start(PID, 1);
        kernel.signalsExactly = false;

        assertThat(table.pin(PID).shortfall()).contains("14.2 and newer can");
        assertThat(kernel.open).isEmpty();
    }

    @Tag("H02")
    @Test
    void refusesToSignalWhatRunsAnotherProgramSinceItWasPinned() {
        FakeXnu.Task task = kernel.start(PID, 1);
        try (PinnedProcess pin = pin()) {
            kernel.exec(task);

            assertThat(pin.forceExit().result()).isEqualTo(SentSignal.Result.REFUSED);
            assertThat(kernel.delivered).isEmpty();
        }
    }

    @Tag("H12")
    @Test
    void saysWhyTheKernelRefused() {
        FakeXnu.Task task = kernel.start(PID, 1);
        try (PinnedProcess pin = pin()) {
            task.hidden = true;

            assertThat(pin.forceExit()).isEqualTo(sent(Signal.KILL, SentSignal.Result.REFUSED, "error 1"));
        }
    }

    @Tag("H13")
    @Test
    void aZombieCannotBePinnedAndOneThatBecomesAZombieHasExited() {
        FakeXnu.Task task = kernel.start(PID, 1);
        CountDownLatch told = new CountDownLatch(1);
        try (PinnedProcess pin = pin()) {
            pin.onExit(told::countDown);
            assertThat(pin.hasExited()).isFalse();

            kernel.exit(task, false);

            await().until(() -> told.getCount() == 0);
            assertThat(pin.hasExited()).isTrue();
            assertThat(pin.hasExited())
                    .as("an event is told once, an exit is for ever")
                    .isTrue();
            assertThat(pin.activity()).isInstanceOf(Observation.Absent.class);
            assertThat(table.pin(PID)).isInstanceOf(Observation.Absent.class);
        }
        assertThat(kernel.open).isEmpty();
    }

    @Test
    void tellsOfAnExitThatCameBeforeItWasAskedFor() {
        FakeXnu.Task task = kernel.start(PID, 1);
        CountDownLatch told = new CountDownLatch(1);
        try (PinnedProcess pin = pin()) {
            kernel.exit(task, true);
            kernel.start(PID, 1);

            pin.onExit(told::countDown);

            await().until(() -> told.getCount() == 0);
        }
        assertThat(kernel.open).isEmpty();
    }

    @Test
    void endsItsWaitWhenItIsClosedAndReadsNothingAfterwards() {
        kernel.start(PID, 1);
        CountDownLatch told = new CountDownLatch(1);
        PinnedProcess pin = pin();
        pin.onExit(told::countDown);
        assertThatThrownBy(() -> pin.onExit(told::countDown)).isInstanceOf(IllegalStateException.class);

        pin.close();
        pin.close();

        assertThat(told.getCount()).isOne();
        assertThat(kernel.open).isEmpty();
        assertThat(pin.identity()).isInstanceOf(Observation.Unknown.class);
        assertThat(pin.forceExit().detail()).isEqualTo("the process was let go");
    }

    @Tag("H03")
    @Test
    void countsProcessorTimeInNanosecondsWhateverTheTicksAre() {
        FakeXnu.Task task = kernel.start(PID, 1);
        task.ticksUsed = 24_000_000;
        task.bytesWritten = 77;
        try (PinnedProcess pin = pin()) {
            assertThat(pin.activity()).isEqualTo(Observation.seen(new Activity(Duration.ofSeconds(2), 77, 77)));
        }
    }

    @Tag("H06")
    @Test
    void pinsNoNumberThatAddressesAGroupOrInit() {
        kernel.start(1, 0);

        for (long pid : new long[] {-1, 0, 1, 1L << 32 | PID}) {
            assertThat(table.pin(pid)).isInstanceOf(Observation.Unknown.class);
            assertThat(table.look(pid)).isInstanceOf(Observation.Unknown.class);
        }
        assertThat(kernel.open).isEmpty();
    }

    private PinnedProcess pin() {
        return table.pin(PID).toOptional().orElseThrow();
    }

    private static SentSignal delivered(Signal signal) {
        return sent(signal, SentSignal.Result.DELIVERED, "");
    }

    private static SentSignal sent(Signal signal, SentSignal.Result result, String detail) {
        return new SentSignal(signal, PID, result, detail);
    }
}
