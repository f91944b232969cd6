package io.relaunchguard.platform.linux;

import io.relaunchguard.core.process.ExecutionState;
import java.util.List;
import java.util.Optional;

/**
 * {@code /proc/<pid>/stat}, see proc(5).
 *
 * @param state what its threads do: a first thread that has exited before the others makes no zombie
 * @param start field 22 as written: clock ticks since boot
 * @param ticks user and system time of the process, in clock ticks
 */
record ProcStat(long pid, ExecutionState state, long parent, long session, String start, long ticks) {

    /** The fields after the command's name; the third field of the line comes first. */
    private static final int STATE = 0;

    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int THREADS = 17;
    private static final int START = 19;

    /** Reads the line; empty if it is not of the form that proc(5) describes. The name may hold blanks and parentheses. */
    static Optional<ProcStat> parse(String line) {
        int open = line.indexOf(" (");
        int close = line.lastIndexOf(") ");
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        List<String> fields = List.of(line.substring(close + 2).trim().split(" ", -1));
        if (fields.size() <= START) {
            return Optional.empty();
        }
        try {
            return state(fields.get(STATE), Long.parseLong(fields.get(THREADS)))
                    .map(state -> new ProcStat(
                            Long.parseLong(line.substring(0, open)),
                            state,
                            Long.parseLong(fields.get(PARENT)),
                            Long.parseLong(fields.get(SESSION)),
                            Long.toUnsignedString(Long.parseUnsignedLong(fields.get(START))),
                            Long.parseLong(fields.get(USER_TICKS)) + Long.parseLong(fields.get(SYSTEM_TICKS))));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    private static Optional<ExecutionState> state(String letter, long threads) {
        return switch (letter) {
            case "R", "S", "I" -> Optional.of(ExecutionState.RUNNING);
            case "T" -> Optional.of(ExecutionState.STOPPED);
            case "t" -> Optional.of(ExecutionState.TRACED);
            case "D" -> Optional.of(ExecutionState.UNINTERRUPTIBLE);
            case "Z", "X", "x" -> Optional.of(threads > 1 ? ExecutionState.RUNNING : ExecutionState.EXITED);
            default -> Optional.empty();
        };
    }
}
