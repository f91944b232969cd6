/** The record of a launch in the history file, the endpoint and the command line's JSON: one shape for all of them. */
@NullMarked
package io.relaunchguard.statemachine.history;

import org.jspecify.annotations.NullMarked;
