/**
 * The page that shows the lifecycle of a launch, live: its data, its routes and the filter that keeps it to this
 * machine.
 */
@NullMarked
package io.relaunchguard.statemachine.page;

import org.jspecify.annotations.NullMarked;
