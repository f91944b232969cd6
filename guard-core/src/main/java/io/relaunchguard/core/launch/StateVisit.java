package io.relaunchguard.core.launch;

import io.relaunchguard.core.lifecycle.LaunchState;
import java.time.Duration;
import java.time.Instant;

/**
 * One stay in one state.
 *
 * @param enteredAt by the wall clock
 * @param dwell how long it lasted, measured by the monotonic clock; zero for an end state
 */
public record StateVisit(LaunchState state, Instant enteredAt, Duration dwell) {}
