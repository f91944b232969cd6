/**
 * Windows, 64-bit: process handles, the kernel's own lists of processes and handles, named mutexes. What reads the kernel's
 * structures is apart from what asks for them.
 */
@NullMarked
package io.relaunchguard.platform.windows;

import org.jspecify.annotations.NullMarked;
