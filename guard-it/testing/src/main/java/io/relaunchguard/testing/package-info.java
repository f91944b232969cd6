/**
 * What a test needs of the machine that it runs on. Known to tests alone, and not published.
 */
@NullMarked
package io.relaunchguard.testing;

import org.jspecify.annotations.NullMarked;
