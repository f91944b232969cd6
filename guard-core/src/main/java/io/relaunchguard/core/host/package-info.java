/**
 * The host and the launcher's own identity on it.
 */
@NullMarked
package io.relaunchguard.core.host;

import org.jspecify.annotations.NullMarked;
