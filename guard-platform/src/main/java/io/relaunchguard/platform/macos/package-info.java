/**
 * The ports on macOS: libproc, kqueue, sysctl, and signals that the kernel delivers to exactly one process.
 *
 * <p>{@link io.relaunchguard.platform.macos.MacosPlatform} is the entry point. All native code is behind
 * {@link io.relaunchguard.platform.macos.Xnu}, implemented by {@code XnuKernel} with {@code LibSystem} and
 * {@code XnuStructure}; {@code ProcessReader} interprets the results.
 */
@NullMarked
package io.relaunchguard.platform.macos;

import org.jspecify.annotations.NullMarked;
