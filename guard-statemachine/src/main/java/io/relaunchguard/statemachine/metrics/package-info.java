/** What a monitoring system hears of a launch: meters, an observation, and startup steps. */
@NullMarked
package io.relaunchguard.statemachine.metrics;

import org.jspecify.annotations.NullMarked;
