/**
 * What Linux and macOS share, with the JDK alone: the lock, the launch lock, and whose a file is.
 */
@NullMarked
package io.relaunchguard.platform.posix;

import org.jspecify.annotations.NullMarked;
