package io.relaunchguard.core.launch;

import io.relaunchguard.core.lifecycle.LifecycleState;
import java.time.Duration;
import java.time.Instant;

/**
 * One visit to one state.
 *
 * @param enteredAt when the state was entered, as wall-clock time
 * @param dwell how long the visit lasted, measured by the monotonic clock; zero for an end state
 */
public record StateVisit(LifecycleState state, Instant enteredAt, Duration dwell) {}
