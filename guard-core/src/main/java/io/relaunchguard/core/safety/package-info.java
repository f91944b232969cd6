/**
 * Facts, safety predicates and the verdict: the rules that decide whether a process may be signalled.
 */
@NullMarked
package io.relaunchguard.core.safety;

import org.jspecify.annotations.NullMarked;
