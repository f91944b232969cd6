/** The commands, and what they print. */
@NullMarked
package io.relaunchguard.it.cli;

import org.jspecify.annotations.NullMarked;
