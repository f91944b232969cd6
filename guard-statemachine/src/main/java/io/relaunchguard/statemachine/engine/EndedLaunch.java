package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchReport;
import org.jspecify.annotations.Nullable;

/**
 * The end of a launch.
 *
 * @param hold the launch lock, which the receiver closes; null unless the launch is READY
 */
public record EndedLaunch(LaunchReport report, LaunchLock.@Nullable Hold hold) {}
