/**
 * The ports on Linux: pidfds, /proc, and the system calls that the JDK does not offer.
 */
@NullMarked
package io.relaunchguard.platform.linux;

import org.jspecify.annotations.NullMarked;
