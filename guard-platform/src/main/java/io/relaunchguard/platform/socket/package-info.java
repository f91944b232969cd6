/**
 * Second starts over a Unix domain socket in the profile, see unix(7), with the JDK alone; Windows has them since version 10.
 */
@NullMarked
package io.relaunchguard.platform.socket;

import org.jspecify.annotations.NullMarked;
