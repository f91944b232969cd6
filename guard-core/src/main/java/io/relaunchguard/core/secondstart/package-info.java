/**
 * Second starts: what a start of an application that already runs hands to the running instance, and how that instance
 * answers.
 *
 * <p>{@link io.relaunchguard.core.secondstart.SecondStart} and {@link io.relaunchguard.core.secondstart.Reply} are the
 * messages, with one codec each, and {@link io.relaunchguard.core.secondstart.SecondStartPort} is the port that
 * exchanges them. {@link io.relaunchguard.core.secondstart.HandOver} is the result for the second start, and
 * {@link io.relaunchguard.core.secondstart.Silence} decides whether the user may be asked to end an instance that does
 * not answer.
 */
@NullMarked
package io.relaunchguard.core.secondstart;

import org.jspecify.annotations.NullMarked;
