package io.relaunchguard.platform.macos;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the ports of macOS do when processes exit, are reaped, have their pid taken or run another program between any two calls
 * of the kernel: every placing of up to two such moves. That the kernel compares pid and version as it delivers a signal is what
 * its sources say; the second test takes just that away.
 */
@Tag("H02")
class MacosExplorationTest {

    private static final int PID = 4711;
    private static final int MOST_CALLS = 60;

    private enum Move {
        BECOMES_A_ZOMBIE,
        IS_REAPED,
        IS_REPLACED,
        RUNS_ANOTHER_PROGRAM
    }

    private record Step(int call, Move move) {}

    @Test
    void reachesNobodyButTheProcessThatWasPinnedAndIdentified() {
        List<String> wrong = new ArrayList<>();
        int runs = explore(false, wrong);

        System.out.println("macOS exploration: " + runs + " runs");
        assertThat(runs).isGreaterThan(1_000);
        assertThat(wrong).isEmpty();
    }

    @Test
    void findsTheSuccessorThatIsHitByAKernelThatSignalsANumber() {
        List<String> wrong = new ArrayList<>();
        explore(true, wrong);

        assertThat(wrong).anyMatch(what -> what.contains("reached another process"));
    }

    private static int explore(boolean ignoresVersions, List<String> wrong) {
        int runs = 0;
        int calls = run(List.of(), ignoresVersions, wrong);
        assertThat(calls).isBetween(10, MOST_CALLS);
        for (int first = 0; first < MOST_CALLS; first++) {
            for (Move move : Move.values()) {
                Step step = new Step(first, move);
                int last = run(List.of(step), ignoresVersions, wrong);
                runs++;
                if (first >= last) {
                    break;
                }
                for (int second = first; second < last; second++) {
                    for (Move next : Move.values()) {
                        run(List.of(step, new Step(second, next)), ignoresVersions, wrong);
                        runs++;
                    }
                }
            }
        }
        return runs;
    }

    /** One launch's use of a pin, in a world that moves; how many calls it made of the kernel. */
    private static int run(List<Step> steps, boolean ignoresVersions, List<String> wrong) {
        FakeXnu kernel = new FakeXnu();
        kernel.ignoresVersions = ignoresVersions;
        Map<Long, FakeXnu.Task> everybody = new TreeMap<>();
        FakeXnu.Task launcher = kernel.start((int) ProcessHandle.current().pid(), 1);
        everybody.put(launcher.uniqueId, launcher);
        FakeXnu.Task first = kernel.start(PID, 1);
        first.status = 4;
        everybody.put(first.uniqueId, first);
        int[] made = {0, 0};
        kernel.before = call -> {
            made[1] = call + 1;
            while (made[0] < steps.size() && steps.get(made[0]).call() == call) {
                make(steps.get(made[0]++).move(), kernel, everybody);
            }
        };
        MacosProcessTable table = new MacosProcessTable(kernel, Path.of("/"));
        Observation<PinnedProcess> pinned = table.pin(PID);
        if (pinned instanceof Observation.Seen<PinnedProcess> seen) {
            try (PinnedProcess pin = seen.value()) {
                Observation<ProcessIdentity> identity = pin.identity();
                if (identity instanceof Observation.Seen<ProcessIdentity> known) {
                    String start = known.value().start();
                    pin.requestExit();
                    boolean exited = pin.hasExited();
                    SentSignal.Result forced = pin.forceExit().result();
                    expect(
                            forced != SentSignal.Result.GONE
                                    || everybody.values().stream()
                                            .filter(task ->
                                                    Long.toString(task.start).equals(start))
                                            .allMatch(task -> task.zombie),
                            steps + ": a living process is said to be gone",
                            wrong);
                    expect(
                            kernel.delivered.stream()
                                    .allMatch(signal -> Long.toString(everybody.get(
                                                            Long.parseLong(signal.substring(signal.indexOf('/') + 1)))
                                                    .start)
                                            .equals(start)),
                            steps + ": a signal reached another process: " + kernel.delivered,
                            wrong);
                    expect(
                            !exited
                                    || everybody.values().stream()
                                            .filter(task ->
                                                    Long.toString(task.start).equals(start))
                                            .allMatch(task -> task.zombie),
                            steps + ": a living process is said to have exited",
                            wrong);
                    expect(
                            steps.stream().anyMatch(step -> step.move() != Move.RUNS_ANOTHER_PROGRAM) || !exited,
                            steps + ": nobody exited",
                            wrong);
                }
            }
        }
        expect(!steps.isEmpty() || kernel.delivered.size() == 3, "a launch that nothing disturbs signals", wrong);
        expect(kernel.open.isEmpty(), steps + ": left open " + kernel.open, wrong);
        return made[1];
    }

    private static void make(Move move, FakeXnu kernel, Map<Long, FakeXnu.Task> everybody) {
        FakeXnu.Task now = kernel.tasks.get(PID);
        if (now == null) {
            if (move == Move.IS_REPLACED) {
                FakeXnu.Task successor = kernel.start(PID, 1);
                everybody.put(successor.uniqueId, successor);
            }
            return;
        }
        switch (move) {
            case BECOMES_A_ZOMBIE -> kernel.exit(now, false);
            case IS_REAPED -> kernel.exit(now, true);
            case IS_REPLACED -> {
                kernel.exit(now, true);
                make(move, kernel, everybody);
            }
            case RUNS_ANOTHER_PROGRAM -> kernel.exec(now);
        }
    }

    private static void expect(boolean condition, String otherwise, List<String> wrong) {
        if (!condition) {
            wrong.add(otherwise);
        }
    }
}
