/**
 * The rules that decide whether a process may be signalled.
 *
 * <p>{@link io.relaunchguard.core.safety.SafetyFacts} is what was observed, each
 * {@link io.relaunchguard.core.safety.SafetyPredicate} is one condition on it, and
 * {@link io.relaunchguard.core.safety.Verdict} is the result of all of them.
 * {@link io.relaunchguard.core.safety.FreeProfile} decides when there is no process to judge. Everything here is pure;
 * the facts are read elsewhere.
 */
@NullMarked
package io.relaunchguard.core.safety;

import org.jspecify.annotations.NullMarked;
