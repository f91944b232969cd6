package io.relaunchguard.it.page;

import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.page.PageData;
import io.relaunchguard.statemachine.page.PageView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The launches that run in other processes, one after the other, as {@code launch --progress --json} reports them.
 * Thread-safe.
 */
public final class RelayedLaunches implements PageData {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final List<HistoryRecord> history = new ArrayList<>();
    private final List<HistoryRecord.Step> path = new ArrayList<>();
    private @Nullable LifecycleState state;
    private @Nullable HistoryRecord last;
    private String subject;

    /** Creates the data before the first launch. */
    public RelayedLaunches(String subject) {
        this.subject = subject;
    }

    /** Sets the scenario that is played from now on. */
    public synchronized void subject(String next) {
        subject = next;
    }

    /** Adds a line of a launcher's standard error. */
    public synchronized void told(String line) {
        named(line).ifPresent(this::entered);
    }

    /** Adds a launcher's report. */
    public synchronized void ended(String report) {
        if (report.isBlank()) {
            // The launcher broke before it could report; the drill says so.
            return;
        }
        HistoryRecord launch = MAPPER.readValue(report, HistoryRecord.class);
        path.clear();
        path.addAll(launch.path());
        state = LifecycleState.valueOf(launch.outcome().toUpperCase(Locale.ROOT));
        last = launch;
        history.add(0, launch);
    }

    @Override
    public synchronized PageView read() {
        return new PageView(subject, state == null ? null : state.name(), path, last, history);
    }

    private void entered(LifecycleState next) {
        if (next == LifecycleTable.INITIAL) {
            path.clear();
            last = null;
        } else if (state != null) {
            path.add(step(state, next));
        }
        state = next;
    }

    /**
     * Returns the transition between two states. Its event is missing if the table has several, until the report names
     * it.
     */
    private static HistoryRecord.Step step(LifecycleState from, LifecycleState to) {
        List<Transition> rows = LifecycleTable.TRANSITIONS.stream()
                .filter(row -> row.source() == from && row.target() == to)
                .toList();
        return rows.size() == 1
                ? HistoryRecord.Step.of(rows.get(0))
                : new HistoryRecord.Step(from.name(), "", "", to.name());
    }

    private static Optional<LifecycleState> named(String line) {
        return Arrays.stream(LifecycleState.values())
                .filter(each -> line.equals(each + ": " + each.description()))
                .findFirst();
    }
}
