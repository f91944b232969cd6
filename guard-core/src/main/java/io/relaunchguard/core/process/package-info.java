/**
 * Processes: their identity, process handles, and the port to the process table.
 *
 * <p>{@link io.relaunchguard.core.process.PinnedProcess} is a process handle and the only way to send a signal.
 * {@link io.relaunchguard.core.process.ProcessTable} opens handles and examines processes. The other types describe
 * what was observed: {@link io.relaunchguard.core.process.ProcessIdentity},
 * {@link io.relaunchguard.core.process.Activity} and {@link io.relaunchguard.core.process.SentSignal}.
 */
@NullMarked
package io.relaunchguard.core.process;

import org.jspecify.annotations.NullMarked;
