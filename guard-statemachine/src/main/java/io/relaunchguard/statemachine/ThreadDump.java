package io.relaunchguard.statemachine;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A text about what the threads of this JVM are doing now. It lists each thread with its stack, what it waits for and
 * which monitors it has. The JVM dumps itself, and no other process attaches to it. Virtual threads are not in the
 * text.
 */
final class ThreadDump {

    private static final int MOST_FRAMES = 100;

    /** The maximum length, which more than 200 threads fit into. */
    private static final int MOST_CHARACTERS = 512 * 1024;

    private ThreadDump() {}

    /**
     * Takes a thread dump.
     *
     * @param reason its first line
     * @throws LinkageError if this Java has no module {@code java.management}
     */
    static String take(String reason) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        StringBuilder dump = new StringBuilder(reason).append('\n');
        long[] deadlocked = threads.findDeadlockedThreads();
        if (deadlocked != null) {
            dump.append("Threads that wait for each other for ever: ")
                    .append(Arrays.stream(deadlocked).mapToObj(id -> "#" + id).collect(Collectors.joining(", ")))
                    .append('\n');
        }
        for (ThreadInfo thread : threads.dumpAllThreads(true, false, MOST_FRAMES)) {
            append(dump, thread);
            if (dump.length() > MOST_CHARACTERS) {
                dump.setLength(MOST_CHARACTERS);
                return dump.append("\n(There are more threads.)\n").toString();
            }
        }
        return dump.toString();
    }

    private static void append(StringBuilder dump, ThreadInfo thread) {
        dump.append("\n\"%s\" #%d %s".formatted(thread.getThreadName(), thread.getThreadId(), thread.getThreadState()));
        LockInfo awaited = thread.getLockInfo();
        if (awaited != null) {
            dump.append(", waits for ").append(awaited);
        }
        if (thread.getLockOwnerName() != null) {
            dump.append(", which \"%s\" #%d has".formatted(thread.getLockOwnerName(), thread.getLockOwnerId()));
        }
        dump.append('\n');
        StackTraceElement[] stack = thread.getStackTrace();
        for (int depth = 0; depth < stack.length; depth++) {
            dump.append("    at ").append(stack[depth]).append('\n');
            for (MonitorInfo monitor : thread.getLockedMonitors()) {
                if (monitor.getLockedStackDepth() == depth) {
                    dump.append("    has ").append(monitor).append('\n');
                }
            }
        }
    }
}
