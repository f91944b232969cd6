package io.relaunchguard.statemachine.history;

import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.core.launch.LaunchReport;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The launches on a profile that are remembered, whichever process ran them. It is a convenience: when it cannot be kept or
 * read, that is logged and nothing else suffers. Thread-safe.
 */
public final class LaunchHistory {

    private static final Log logger = LogFactory.getLog(LaunchHistory.class);

    /** What a line that is being written may keep somebody waiting. */
    private static final long MOST_WAITED_MILLIS = 2000;

    /** The line of whoever takes launches begins with this, and no launch's. */
    private static final String TAKEN_BY = "{\"takenBy\":\"";

    private final HistoryStore store;

    /** A line that is being written. */
    public static final class Line {

        private final CompletableFuture<Void> written = new CompletableFuture<>();

        private Line() {}

        /** Waits until it is written or has failed, for two seconds at most; not once the caller is interrupted meanwhile. */
        public void await() {
            boolean interrupted = Thread.interrupted();
            try {
                written.get(MOST_WAITED_MILLIS, TimeUnit.MILLISECONDS);
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

        /** Whether it is written or has failed. */
        public boolean isSettled() {
            return written.isDone();
        }
    }

    /** The history in this store. */
    public LaunchHistory(HistoryStore store) {
        this.store = store;
    }

    /** No launches: what is appended is forgotten. */
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
     * Remembers a launch that has ended. Never throws, and never waits: the line is written on a thread of its own, because a
     * file system may not answer.
     */
    public Line append(LaunchReport report) {
        Line line = new Line();
        Thread writer = new Thread(() -> write(report, line), "relaunch-guard-history");
        writer.setDaemon(true);
        writer.start();
        return line;
    }

    private void write(LaunchReport report, Line line) {
        try {
            store.append(LaunchLine.of(LaunchRecord.of(report)));
        } catch (Throwable t) {
            // Whatever it is, the history is a convenience.
            logger.warn("This launch is missing from the history", t);
        } finally {
            line.written.complete(null);
        }
    }

    /**
     * Takes the launches that nobody has taken before, in order to count them. Each is taken once, whichever processes ask at
     * the same time, and however they end: the file says where the lines end that are taken before they are read. So what was
     * taken by a process that is killed before it has counted is lost. Never throws; what goes wrong is logged, and the launches
     * are left to the next one that asks.
     *
     * @return oldest first; lines that cannot be read are passed over
     */
    public List<LaunchRecord> take() {
        String mark = TAKEN_BY + UUID.randomUUID() + "\"}";
        List<String> lines;
        try {
            store.append(mark);
            lines = store.lines();
        } catch (RuntimeException e) {
            logger.warn("The launches of earlier processes are not counted", e);
            return List.of();
        }
        int end = lines.indexOf(mark);
        int start = end;
        while (start > 0 && !lines.get(start - 1).startsWith(TAKEN_BY)) {
            start--;
        }
        return lines.subList(Math.max(start, 0), Math.max(end, 0)).stream()
                .flatMap(line -> LaunchLine.read(line).stream())
                .toList();
    }

    /**
     * The latest launches, newest first; lines that cannot be read are passed over. Empty if the store cannot be read.
     *
     * @param limit how many at most
     */
    public List<LaunchRecord> recent(int limit) {
        List<String> lines;
        try {
            lines = store.lines();
        } catch (RuntimeException e) {
            logger.warn("The history of launches cannot be read", e);
            return List.of();
        }
        List<LaunchRecord> launches = new ArrayList<>();
        for (int i = lines.size() - 1; i >= 0 && launches.size() < limit; i--) {
            LaunchLine.read(lines.get(i)).ifPresent(launches::add);
        }
        return List.copyOf(launches);
    }
}
