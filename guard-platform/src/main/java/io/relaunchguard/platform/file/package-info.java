/**
 * The files of a profile that are the same on every operating system, with the JDK alone.
 *
 * <p>The stores of the consent marker, the history and the thread dumps build on
 * {@link io.relaunchguard.platform.file.OwnerOnlyFile}, which reads and writes a small file safely.
 * {@link io.relaunchguard.platform.file.ProfileFiles} has the rules that differ between operating systems: file
 * identity, ownership, and who may write a file. Watching for changes is
 * {@link io.relaunchguard.platform.file.DirectoryWatch} and its fallback
 * {@link io.relaunchguard.platform.file.PeriodicLook}.
 */
@NullMarked
package io.relaunchguard.platform.file;

import org.jspecify.annotations.NullMarked;
