package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.safety.LaunchFacts;
import io.relaunchguard.core.safety.Verdict;
import java.time.Instant;

/**
 * What a launch would see and judge now.
 *
 * @param facts the facts as read
 * @param lockedSince since when the lock stands
 * @param verdict the judgement on the holder
 * @param cache who has the cache
 */
public record DryRun(LaunchFacts facts, Observation<Instant> lockedSince, Verdict verdict, CacheStatus cache) {}
