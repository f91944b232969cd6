/**
 * The ports on 64-bit Windows: process handles, the kernel's lists of processes and handles, named mutexes.
 *
 * <p>{@link io.relaunchguard.platform.windows.WindowsPlatform} is the entry point. Records such as
 * {@code ProcessSnapshot} and {@code HandleList} parse the kernel's structures without native calls;
 * {@code SystemInformation}, {@code OpenProcess}, {@code OpenFile} and {@code NativeCalls} make the calls.
 */
@NullMarked
package io.relaunchguard.platform.windows;

import org.jspecify.annotations.NullMarked;
