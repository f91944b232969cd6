/**
 * What Linux and macOS share, with the JDK alone: lock, marker, and the launch lock.
 */
@NullMarked
package io.relaunchguard.platform.posix;

import org.jspecify.annotations.NullMarked;
