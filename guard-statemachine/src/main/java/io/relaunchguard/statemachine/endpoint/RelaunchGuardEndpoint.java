package io.relaunchguard.statemachine.endpoint;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.lifecycle.LifecyclePath;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.history.LaunchHistory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** The endpoint that shows the launch in this JVM and the latest launches on its profile. It changes nothing. */
@Endpoint(id = "relaunchguard", defaultAccess = Access.READ_ONLY)
public class RelaunchGuardEndpoint {

    private final LaunchProgress progress;
    private final LaunchHistory history;
    private final int limit;

    /**
     * Creates an endpoint for one launch.
     *
     * @param progress a listener of that launch
     * @param limit how many launches of the history it shows
     */
    public RelaunchGuardEndpoint(LaunchProgress progress, LaunchHistory history, int limit) {
        this.progress = progress;
        this.history = history;
        this.limit = limit;
    }

    /** Returns the launch in this JVM and the history. */
    @ReadOperation
    public RelaunchGuardDescriptor launches() {
        return new RelaunchGuardDescriptor(
                progress.state().map(Enum::name).orElse(null),
                progress.transitions().stream().map(HistoryRecord.Step::of).toList(),
                progress.report().map(HistoryRecord::of).orElse(null),
                history.recent(limit));
    }

    /** Returns the path that the launch in this JVM has taken. The times in its states are known once it has ended. */
    LifecyclePath path() {
        Map<LifecycleState, Duration> dwells = progress.report().map(LaunchReport::timeline).orElse(List.of()).stream()
                .collect(Collectors.toMap(StateVisit::state, StateVisit::dwell, Duration::plus));
        return new LifecyclePath(progress.transitions(), dwells, progress.state());
    }

    /**
     * The launch in this JVM and the history.
     *
     * @param state the state that the launch in this JVM is in, or ended in; null if there was none
     * @param path the transitions that it has taken so far
     * @param last its record; null while it runs and if there was none
     * @param history the latest launches on the profile, this one among them, newest first
     */
    public record RelaunchGuardDescriptor(
            @Nullable String state,
            List<HistoryRecord.Step> path,
            @Nullable HistoryRecord last,
            List<HistoryRecord> history)
            implements OperationResponseBody {}
}
