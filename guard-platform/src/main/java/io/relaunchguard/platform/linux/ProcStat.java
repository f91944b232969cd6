package io.relaunchguard.platform.linux;

import io.relaunchguard.core.process.ExecutionState;
import java.util.List;
import java.util.Optional;

/**
 * The needed part of {@code /proc/<pid>/stat}, see proc(5).
 *
 * @param state the state of its threads: if the first thread exits before the others, that makes no zombie
 * @param start field 22 as written: clock ticks since boot
 * @param hasMemory whether field 23 is not zero, as it is for a zombie and a process of the kernel
 * @param ticks user and system CPU time of the process, in clock ticks
 */
record ProcStat(
        long pid, ExecutionState state, long parent, long session, String start, boolean hasMemory, long ticks) {

    /** The index of the state among the fields after the command's name, counted from the line's third field. */
    private static final int STATE = 0;

    /** The PID and the name, which come before those fields. */
    private static final int FIRST_FIELDS = 2;

    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int THREADS = 17;
    private static final int START = 19;
    private static final int MEMORY = 20;

    /**
     * Parses the line; empty if it does not have the form that proc(5) describes. The command's name may contain blanks
     * and parentheses.
     */
    static Optional<ProcStat> parse(String line) {
        int open = line.indexOf(" (");
        int close = line.lastIndexOf(") ");
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        List<String> fields = List.of(line.substring(close + 2).trim().split(" ", -1));
        if (fields.size() <= MEMORY) {
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
                            !fields.get(MEMORY).equals("0"),
                            Long.parseLong(fields.get(USER_TICKS)) + Long.parseLong(fields.get(SYSTEM_TICKS))));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    /**
     * Returns what is odd about a line that {@link #parse} does not accept, or that a process reads of itself though it
     * has no memory by that line. So user-mode QEMU makes it up, before 8.0 with the state "0" too.
     */
    static String oddity(String line) {
        int close = line.lastIndexOf(") ");
        if (close < 0) {
            return "it names no command in parentheses";
        }
        String[] fields = line.substring(close + 2).trim().split(" ", -1);
        String form = "its state is \"%s\" and it has %d fields".formatted(fields[STATE], fields.length + FIRST_FIELDS);
        return fields.length > MEMORY && fields[MEMORY].equals("0")
                ? form + ", and no memory, as QEMU's user emulation writes it"
                : form;
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
