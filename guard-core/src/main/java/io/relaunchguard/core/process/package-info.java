/**
 * Processes as the guard sees them: identities, pins, and the port that provides both.
 */
@NullMarked
package io.relaunchguard.core.process;

import org.jspecify.annotations.NullMarked;
