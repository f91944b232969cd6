package io.relaunchguard.statemachine.endpoint;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.StateVisit;
import io.relaunchguard.core.lifecycle.LaunchPath;
import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.history.LaunchRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** Tells of the launch in this JVM and of the latest on its profile. It changes nothing. */
@Endpoint(id = "relaunchguard", defaultAccess = Access.READ_ONLY)
public class RelaunchGuardEndpoint {

    private final LaunchProgress progress;
    private final LaunchHistory history;
    private final int limit;

    /**
     * An endpoint for one launch.
     *
     * @param progress a listener of that launch
     * @param limit how many launches of the history it tells of
     */
    public RelaunchGuardEndpoint(LaunchProgress progress, LaunchHistory history, int limit) {
        this.progress = progress;
        this.history = history;
        this.limit = limit;
    }

    /** Everything. */
    @ReadOperation
    public RelaunchGuardDescriptor launches() {
        return new RelaunchGuardDescriptor(
                progress.state().map(Enum::name).orElse(null),
                progress.transitions().stream().map(LaunchRecord.Step::of).toList(),
                progress.report().map(LaunchRecord::of).orElse(null),
                history.recent(limit));
    }

    /** The way that the launch in this JVM has taken; how long it was where is known once it has ended. */
    LaunchPath path() {
        Map<LaunchState, Duration> dwells = progress.report().map(LaunchReport::timeline).orElse(List.of()).stream()
                .collect(Collectors.toMap(StateVisit::state, StateVisit::dwell, Duration::plus));
        return new LaunchPath(progress.transitions(), dwells, progress.state());
    }

    /**
     * The launches.
     *
     * @param state the state that the launch in this JVM is in, or ended in; null if there was none
     * @param path the transitions that it has taken so far
     * @param last what it ended with; null while it runs and if there was none
     * @param history the latest launches on the profile, this one among them, newest first
     */
    public record RelaunchGuardDescriptor(
            @Nullable String state,
            List<LaunchRecord.Step> path,
            @Nullable LaunchRecord last,
            List<LaunchRecord> history)
            implements OperationResponseBody {}
}
