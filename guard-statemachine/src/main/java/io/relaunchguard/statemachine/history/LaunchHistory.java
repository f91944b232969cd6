package io.relaunchguard.statemachine.history;

import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.process.ProcessTable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The history of the launches on a profile, whichever process ran them. It is a convenience: if it cannot be kept or
 * read, it logs that, and nothing else suffers. Thread-safe.
 */
public final class LaunchHistory {

    private static final Log logger = LogFactory.getLog(LaunchHistory.class);

    /** The longest time that a caller waits for a line that is being written. */
    private static final long MOST_WAITED_MILLIS = 2000;

    /** The beginning of the line of a process that takes launches. No launch's line begins with it. */
    private static final String TAKEN_BY = "{\"takenBy\":\"";

    /** The beginning of the line of a process that takes a launch without an end. The name of the launch follows it. */
    private static final String UNFINISHED = "{\"unfinished\":\"";

    private final HistoryStore store;

    /** A line that is being written. */
    public static final class PendingLine {

        private final CompletableFuture<Void> written = new CompletableFuture<>();

        private PendingLine() {}

        /**
         * Waits until the line is written or has failed, for two seconds at most. Stops waiting when the caller is
         * interrupted meanwhile.
         */
        public void await() {
            await(MOST_WAITED_MILLIS);
        }

        void await(long mostWaitedMillis) {
            boolean interrupted = Thread.interrupted();
            try {
                written.get(mostWaitedMillis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (TimeoutException e) {
                logger.warn("This launch is not in the history yet: the file system does not answer");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        /** Returns whether the line is written or has failed. */
        public boolean isSettled() {
            return written.isDone();
        }
    }

    /** Creates the history in this store. */
    public LaunchHistory(HistoryStore store) {
        this.store = store;
    }

    /** Returns a history without launches, which forgets what is appended. */
    public static LaunchHistory empty() {
        return new LaunchHistory(new HistoryStore() {
            @Override
            public void append(String line) {
                logger.debug("There is no history to append to");
            }

            @Override
            public List<String> lines() {
                return List.of();
            }
        });
    }

    /**
     * Adds a launch that has ended. Never throws, and never waits: a thread of its own writes the line, because a file
     * system may not answer.
     */
    public PendingLine append(LaunchReport report) {
        return append(() -> HistoryLine.of(HistoryRecord.of(report)));
    }

    /** Adds a launch whose beginning has a line, after that line. */
    PendingLine append(LaunchReport report, String launch, PendingLine beginning) {
        return append(() -> {
            beginning.written.join();
            return HistoryLine.of(HistoryRecord.of(report), launch);
        });
    }

    /** Adds the beginning of a launch, in the same way. */
    PendingLine append(Beginning beginning) {
        return append(beginning::line);
    }

    private PendingLine append(Supplier<String> text) {
        PendingLine line = new PendingLine();
        Thread writer = new Thread(() -> write(text, line), "relaunch-guard-history");
        writer.setDaemon(true);
        writer.start();
        return line;
    }

    private void write(Supplier<String> text, PendingLine line) {
        try {
            store.append(text.get());
        } catch (Throwable t) {
            // Catch everything: the history is a convenience.
            warn("This launch is missing from the history", t);
        } finally {
            line.written.complete(null);
        }
    }

    /**
     * Takes the launches that no process has taken before, in order to count them. Each is taken once, whichever
     * processes ask at the same time, and however they end: the file says, before they are read, where the lines end
     * that are taken. So launches are lost that a process takes and does not count because it is killed. Never throws;
     * it logs what goes wrong, and leaves the launches to the next process that asks.
     *
     * @return the launches, oldest first, without lines that cannot be read
     */
    public List<HistoryRecord> take() {
        String mark = TAKEN_BY + UUID.randomUUID() + "\"}";
        List<String> lines;
        try {
            store.append(mark);
            lines = store.lines();
        } catch (RuntimeException e) {
            warn("The launches of earlier processes are not counted", e);
            return List.of();
        }
        int end = lines.indexOf(mark);
        int start = end;
        while (start > 0 && !lines.get(start - 1).startsWith(TAKEN_BY)) {
            start--;
        }
        return lines.subList(Math.max(start, 0), Math.max(end, 0)).stream()
                .flatMap(line -> HistoryLine.read(line).stream())
                .toList();
    }

    /**
     * Takes the launches that were killed: they have begun, their process is gone without a line of their end, and no
     * process has taken them before. Each is taken once, like those of {@link #take()}. A launch whose process lives,
     * or may live, is left to a later call. Never throws; it logs what goes wrong.
     *
     * @return the launches, oldest first
     */
    public List<HistoryRecord> takeUnfinished(HostPort host, ProcessTable processes) {
        try {
            return takeUnfinished(beginning -> beginning.isOver(host, processes)).stream()
                    .map(unfinished -> HistoryRecord.unfinished())
                    .toList();
        } catch (RuntimeException | LinkageError e) {
            warn("The launches that were killed are not counted now", e);
            return List.of();
        }
    }

    private List<Beginning> takeUnfinished(Predicate<Beginning> isOver) {
        List<Beginning> over =
                open(store.lines()).values().stream().filter(isOver).toList();
        if (over.isEmpty()) {
            return List.of();
        }
        // Read the lines again: they have by now whatever those processes have written.
        Set<String> open = open(store.lines()).keySet();
        List<Beginning> unfinished =
                over.stream().filter(each -> open.contains(each.launch())).toList();
        String taker = UUID.randomUUID().toString();
        unfinished.forEach(each -> store.append(claim(each.launch()) + taker + "\"}"));
        return unfinished.isEmpty() ? unfinished : firstClaimed(unfinished, taker, store.lines());
    }

    /**
     * Returns the launches that this taker has claimed first, because the first claim of a launch is valid. A taker
     * that no longer finds the beginning cannot tell which claim was the first.
     */
    private static List<Beginning> firstClaimed(List<Beginning> unfinished, String taker, List<String> lines) {
        return unfinished.stream()
                .filter(each -> lines.contains(each.line()))
                .filter(each -> lines.stream()
                        .filter(line -> line.startsWith(claim(each.launch())))
                        .findFirst()
                        .filter(line -> line.contains(taker))
                        .isPresent())
                .toList();
    }

    private static String claim(String launch) {
        return UNFINISHED + launch + "\",\"takenBy\":\"";
    }

    /** Returns the launches without an end that no process has claimed, oldest first. */
    private static Map<String, Beginning> open(Collection<String> lines) {
        Map<String, Beginning> open = new LinkedHashMap<>();
        lines.stream().flatMap(line -> Beginning.read(line).stream()).forEach(each -> open.put(each.launch(), each));
        for (String line : lines) {
            HistoryLine.ends(line).ifPresent(open::remove);
            if (line.startsWith(UNFINISHED)) {
                open.keySet().removeIf(launch -> line.startsWith(claim(launch)));
            }
        }
        return open;
    }

    /**
     * Returns the latest launches, newest first, without lines that cannot be read. Empty if the store cannot be read.
     *
     * @param limit the maximum number of launches
     */
    public List<HistoryRecord> recent(int limit) {
        List<String> lines;
        try {
            lines = store.lines();
        } catch (RuntimeException e) {
            warn("The history of launches cannot be read", e);
            return List.of();
        }
        List<HistoryRecord> launches = new ArrayList<>();
        for (int i = lines.size() - 1; i >= 0 && launches.size() < limit; i--) {
            HistoryLine.read(lines.get(i)).ifPresent(launches::add);
        }
        return List.copyOf(launches);
    }

    /** Logs a failure: one of the store with its own sentence, any other with its stack trace. */
    private static void warn(String what, Throwable failure) {
        if (failure instanceof UncheckedIOException) {
            logger.warn(what + ": " + failure.getMessage());
        } else {
            logger.warn(what, failure);
        }
    }
}
