/**
 * The engine: the Spring state machine built from the lifecycle table, one launch running on it, and the work of each
 * state.
 */
@NullMarked
package io.relaunchguard.statemachine.engine;

import org.jspecify.annotations.NullMarked;
