/** The data of a launch for a monitoring system: meters, an observation, and startup steps. */
@NullMarked
package io.relaunchguard.statemachine.metrics;

import org.jspecify.annotations.NullMarked;
