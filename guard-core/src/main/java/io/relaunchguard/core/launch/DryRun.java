package io.relaunchguard.core.launch;

import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.safety.LaunchFacts;
import io.relaunchguard.core.safety.Verdict;

/**
 * What a launch would see and judge now.
 *
 * @param facts the facts as read
 * @param verdict the judgement on the holder
 * @param cache who has the cache
 */
public record DryRun(LaunchFacts facts, Verdict verdict, CacheStatus cache) {}
