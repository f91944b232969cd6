package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchReport;
import org.jspecify.annotations.Nullable;

/**
 * How a launch ended.
 *
 * @param hold the launch lock, to be closed by whoever receives it; none unless the launch is READY
 */
public record EndedLaunch(LaunchReport report, LaunchLock.@Nullable Hold hold) {}
