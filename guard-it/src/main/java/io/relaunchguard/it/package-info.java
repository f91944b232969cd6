/** The reference launcher: how to embed Relaunch Guard, and a command line for it. */
@NullMarked
package io.relaunchguard.it;

import org.jspecify.annotations.NullMarked;
