package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.Verdict;
import java.time.Instant;

/**
 * The result of a dry run: what a launch would observe and judge now.
 *
 * @param facts the facts as read
 * @param lockedSince when the lock was created
 * @param verdict the judgement on the holder
 * @param cache the status of the profile
 */
public record DryRun(SafetyFacts facts, Observation<Instant> lockedSince, Verdict verdict, CacheStatus cache) {}
