package io.relaunchguard.statemachine.page;

import io.relaunchguard.statemachine.history.HistoryRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of the page at one moment.
 *
 * @param subject what the page is about, such as the profile
 * @param state the state of the launch that runs or ran last; null before the first
 * @param path every transition that it has taken, in order
 * @param last the record of that launch; null while it runs
 * @param history the launches in the history, newest first
 */
public record PageView(
        String subject,
        @Nullable String state,
        List<HistoryRecord.Step> path,
        @Nullable HistoryRecord last,
        List<HistoryRecord> history) {

    /** Creates the view with its own copies of the lists. */
    public PageView {
        path = List.copyOf(path);
        history = List.copyOf(history);
    }
}
