package io.relaunchguard.statemachine.page;

import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.HistoryRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The source of the page's data. Several threads read it at once, for each poll, so it must be quick. */
@FunctionalInterface
public interface PageData {

    /** Returns what the page shows now. */
    PageView read();

    /**
     * Returns the data of a launch in this JVM.
     *
     * @param subject what the page is about, such as the profile
     * @param history the launches in the history, newest first, with this one or without
     */
    static PageData of(String subject, LaunchProgress progress, Supplier<List<HistoryRecord>> history) {
        return () -> {
            String state = progress.state().map(LifecycleState::name).orElse(null);
            List<HistoryRecord.Step> path =
                    progress.transitions().stream().map(HistoryRecord.Step::of).toList();
            HistoryRecord last = progress.report().map(HistoryRecord::of).orElse(null);
            List<HistoryRecord> launches = new ArrayList<>(history.get());
            if (last != null && !launches.contains(last)) {
                launches.add(0, last);
            }
            return new PageView(subject, state, path, last, launches);
        };
    }
}
