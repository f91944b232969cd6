/**
 * The ports on Linux: pidfds, {@code /proc}, and the system calls that the JDK does not offer.
 *
 * <p>{@link io.relaunchguard.platform.linux.LinuxPlatform} is the entry point. Native calls go through {@code LibC},
 * {@code Pidfd}, {@code DetachedProcess} and {@code Listener}; {@code Proc} and the parsers {@code ProcStat} and
 * {@code ProcStatus} read {@code /proc} without native code. Most launches never load the native library.
 */
@NullMarked
package io.relaunchguard.platform.linux;

import org.jspecify.annotations.NullMarked;
