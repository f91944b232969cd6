/**
 * The engine: the Spring state machine built from the lifecycle table, one launch running on it, and what each state does.
 */
@NullMarked
package io.relaunchguard.statemachine.engine;

import org.jspecify.annotations.NullMarked;
