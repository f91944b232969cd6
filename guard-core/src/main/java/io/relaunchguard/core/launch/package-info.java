/**
 * One launch from outside: its policy, its report, the ports it needs and the platforms that provide them.
 */
@NullMarked
package io.relaunchguard.core.launch;

import org.jspecify.annotations.NullMarked;
