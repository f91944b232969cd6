/**
 * Successors: how to start the application again, and the process that takes this one's place.
 *
 * <p>{@link io.relaunchguard.core.successor.Restart} decides the command from
 * {@link io.relaunchguard.core.successor.StartFacts}, and {@link io.relaunchguard.core.successor.SuccessorEnvironment}
 * the environment; both are pure. {@link io.relaunchguard.core.successor.Successor} is the started process.
 */
@NullMarked
package io.relaunchguard.core.successor;

import org.jspecify.annotations.NullMarked;
