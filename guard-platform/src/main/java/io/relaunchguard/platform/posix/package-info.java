/**
 * What Linux and macOS share, with the JDK alone.
 *
 * <p>Stores for the browser lock and the instance record, {@link io.relaunchguard.platform.posix.KernelLaunchLock} for
 * the launch lock, {@code LifeLock} for the life lock, file ownership by POSIX rules, and the process handle
 * {@link io.relaunchguard.platform.posix.PosixPinnedProcess}. What differs between the two systems comes in through
 * interfaces: {@link io.relaunchguard.platform.posix.KernelHandle},
 * {@link io.relaunchguard.platform.posix.DirectoryLocks}, {@link io.relaunchguard.platform.posix.LaunchLockOwners}.
 */
@NullMarked
package io.relaunchguard.platform.posix;

import org.jspecify.annotations.NullMarked;
