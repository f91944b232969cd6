/**
 * The files of a profile, with the JDK alone: marker and history, and the rules that each operating system has for them.
 */
@NullMarked
package io.relaunchguard.platform.file;

import org.jspecify.annotations.NullMarked;
