package io.relaunchguard.statemachine.history;

import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.core.launch.LaunchReport;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The launches on a profile that are remembered, whichever process ran them. It is a convenience: when it cannot be kept or
 * read, that is logged and nothing else suffers. Thread-safe.
 */
public final class LaunchHistory {

    private static final Log logger = LogFactory.getLog(LaunchHistory.class);

    private final HistoryStore store;

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

    /** Remembers a launch that has ended. Never throws. */
    public void append(LaunchReport report) {
        try {
            store.append(LaunchLine.of(LaunchRecord.of(report)));
        } catch (Throwable t) {
            // Whatever it is, the caller has a permit to hand over.
            logger.warn("This launch is missing from the history", t);
        }
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
