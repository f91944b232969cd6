/**
 * A second start of an application that is running: what it hands to the running instance, and how that answers.
 */
@NullMarked
package io.relaunchguard.core.secondstart;

import org.jspecify.annotations.NullMarked;
