package io.relaunchguard.statemachine.page;

import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.LaunchRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Where the page's data comes from. Read for each poll, by several threads at once; must be quick. */
@FunctionalInterface
public interface PageData {

    /** What is to be shown now. */
    PageView read();

    /**
     * The data of a launch in this JVM.
     *
     * @param subject what the page is about, such as the profile
     * @param history the launches that are remembered, newest first, with this one or without
     */
    static PageData of(String subject, LaunchProgress progress, Supplier<List<LaunchRecord>> history) {
        return () -> {
            String state = progress.state().map(LaunchState::name).orElse(null);
            List<LaunchRecord.Step> path =
                    progress.transitions().stream().map(LaunchRecord.Step::of).toList();
            LaunchRecord last = progress.report().map(LaunchRecord::of).orElse(null);
            List<LaunchRecord> launches = new ArrayList<>(history.get());
            if (last != null && !launches.contains(last)) {
                launches.add(0, last);
            }
            return new PageView(subject, state, path, last, launches);
        };
    }
}
