/**
 * Chromium's singleton lock, who may still be using the browser cache, and the ports to both.
 */
@NullMarked
package io.relaunchguard.core.lock;

import org.jspecify.annotations.NullMarked;
