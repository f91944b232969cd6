/** The drawing of the lifecycle. */
@NullMarked
package io.relaunchguard.statemachine.diagram;

import org.jspecify.annotations.NullMarked;
