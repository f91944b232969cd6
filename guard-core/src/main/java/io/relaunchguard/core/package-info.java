/**
 * The vocabulary and the rules of Relaunch Guard: pure, immutable, without I/O and without a clock of its own.
 */
@NullMarked
package io.relaunchguard.core;

import org.jspecify.annotations.NullMarked;
