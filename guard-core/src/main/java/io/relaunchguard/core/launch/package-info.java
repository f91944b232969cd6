/**
 * One launch as its caller sees it, and the ports that it needs.
 *
 * <p>Input: {@link io.relaunchguard.core.launch.LaunchPolicy}, the timeouts and grace periods. Output:
 * {@link io.relaunchguard.core.launch.Outcome}, {@link io.relaunchguard.core.launch.LaunchReport} with its
 * {@link io.relaunchguard.core.launch.Explanation}, and {@link io.relaunchguard.core.launch.LaunchListener} while the
 * launch runs. Environment: a {@link io.relaunchguard.core.launch.Platform} per operating system provides the
 * {@link io.relaunchguard.core.launch.ProfilePorts}, among them the {@link io.relaunchguard.core.launch.LaunchLock} and
 * the {@link io.relaunchguard.core.launch.GuardClock}. The states that a launch passes through are in
 * {@code io.relaunchguard.core.lifecycle}.
 */
@NullMarked
package io.relaunchguard.core.launch;

import org.jspecify.annotations.NullMarked;
