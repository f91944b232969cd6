package io.relaunchguard.core.lifecycle;

import static io.relaunchguard.core.lifecycle.LifecycleEvent.CACHE_FREE;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.CONSENT_WITHDRAWN;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.DECIDED;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.FACTS_READ;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.FAULT;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.HOLDER_EXITED;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.MARKER_READ;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.PROFILE_READ;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.PROGRESS_SEEN;
import static io.relaunchguard.core.lifecycle.LifecycleEvent.WAIT_ELAPSED;
import static io.relaunchguard.core.lifecycle.LifecycleState.DECIDE;
import static io.relaunchguard.core.lifecycle.LifecycleState.FAILED;
import static io.relaunchguard.core.lifecycle.LifecycleState.HELD;
import static io.relaunchguard.core.lifecycle.LifecycleState.HOLDER_READ;
import static io.relaunchguard.core.lifecycle.LifecycleState.KILL;
import static io.relaunchguard.core.lifecycle.LifecycleState.MARKER_CHECK;
import static io.relaunchguard.core.lifecycle.LifecycleState.PREFLIGHT;
import static io.relaunchguard.core.lifecycle.LifecycleState.READY;
import static io.relaunchguard.core.lifecycle.LifecycleState.REVALIDATE;
import static io.relaunchguard.core.lifecycle.LifecycleState.START;
import static io.relaunchguard.core.lifecycle.LifecycleState.TEARDOWN_GRACE;
import static io.relaunchguard.core.lifecycle.LifecycleState.TERM;
import static io.relaunchguard.core.lifecycle.TransitionGuard.ALL_PREDICATES_HOLD;
import static io.relaunchguard.core.lifecycle.TransitionGuard.OTHERWISE;
import static io.relaunchguard.core.lifecycle.TransitionGuard.PROFILE_FREE;
import static io.relaunchguard.core.lifecycle.TransitionGuard.STILL_FREE;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The launch lifecycle: every transition there is. The state machine, all diagrams and all explorations are made from
 * this table.
 */
public final class LifecycleTable {

    /** The state in which every launch starts. */
    public static final LifecycleState INITIAL = START;

    /** The choice at the start: a launch on a profile that no other process has is no relaunch. */
    public static final Transition FREE = new Transition(START, PROFILE_READ, PROFILE_FREE, READY);

    /**
     * The list of every transition. Rows with the same source and event stand together, in the order in which the
     * machine tries them.
     */
    public static final List<Transition> TRANSITIONS = List.of(
            FREE,
            new Transition(START, PROFILE_READ, OTHERWISE, MARKER_CHECK),
            new Transition(START, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(MARKER_CHECK, MARKER_READ, OTHERWISE, HOLDER_READ),
            new Transition(MARKER_CHECK, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(HOLDER_READ, FACTS_READ, OTHERWISE, DECIDE),
            new Transition(HOLDER_READ, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(DECIDE, DECIDED, ALL_PREDICATES_HOLD, TEARDOWN_GRACE),
            new Transition(DECIDE, DECIDED, OTHERWISE, PREFLIGHT),
            new Transition(DECIDE, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(TEARDOWN_GRACE, HOLDER_EXITED, OTHERWISE, PREFLIGHT),
            new Transition(TEARDOWN_GRACE, PROGRESS_SEEN, OTHERWISE, TEARDOWN_GRACE),
            new Transition(TEARDOWN_GRACE, WAIT_ELAPSED, ALL_PREDICATES_HOLD, TERM),
            new Transition(TEARDOWN_GRACE, WAIT_ELAPSED, OTHERWISE, PREFLIGHT),
            new Transition(TEARDOWN_GRACE, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(TERM, HOLDER_EXITED, OTHERWISE, PREFLIGHT),
            new Transition(TERM, WAIT_ELAPSED, OTHERWISE, REVALIDATE),
            new Transition(TERM, CONSENT_WITHDRAWN, OTHERWISE, PREFLIGHT),
            new Transition(TERM, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(REVALIDATE, FACTS_READ, ALL_PREDICATES_HOLD, KILL),
            new Transition(REVALIDATE, FACTS_READ, OTHERWISE, PREFLIGHT),
            new Transition(REVALIDATE, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(KILL, HOLDER_EXITED, OTHERWISE, PREFLIGHT),
            new Transition(KILL, WAIT_ELAPSED, OTHERWISE, PREFLIGHT),
            new Transition(KILL, FAULT, OTHERWISE, PREFLIGHT),
            new Transition(PREFLIGHT, CACHE_FREE, STILL_FREE, READY),
            new Transition(PREFLIGHT, CACHE_FREE, OTHERWISE, PREFLIGHT),
            new Transition(PREFLIGHT, WAIT_ELAPSED, OTHERWISE, HELD),
            new Transition(PREFLIGHT, FAULT, STILL_FREE, READY),
            new Transition(PREFLIGHT, FAULT, OTHERWISE, FAILED));

    private LifecycleTable() {}

    /**
     * Returns the rows of each (source, event) pair, in the order in which the machine tries them; the last is always
     * unguarded.
     */
    public static Map<Trigger, List<Transition>> byTrigger() {
        return TRANSITIONS.stream()
                .collect(Collectors.groupingBy(
                        row -> new Trigger(row.source(), row.event()), LinkedHashMap::new, Collectors.toList()));
    }

    /** The source and the event that set a transition off. */
    public record Trigger(LifecycleState source, LifecycleEvent event) {}
}
