package io.relaunchguard.statemachine.page;

import io.relaunchguard.statemachine.history.LaunchRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows at one moment.
 *
 * @param subject what the page is about, such as the profile
 * @param state the state of the launch that runs or ran last; null before the first
 * @param path every transition that it has taken, in order
 * @param last what it ended with; null while it runs
 * @param history the launches that are remembered, newest first
 */
public record PageView(
        String subject,
        @Nullable String state,
        List<LaunchRecord.Step> path,
        @Nullable LaunchRecord last,
        List<LaunchRecord> history) {

    /** Keeps its own copies. */
    public PageView {
        path = List.copyOf(path);
        history = List.copyOf(history);
    }
}
