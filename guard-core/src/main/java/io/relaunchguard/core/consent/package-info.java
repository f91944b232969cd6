/**
 * The consent marker: what an outgoing process leaves behind to say that it may be ended.
 */
@NullMarked
package io.relaunchguard.core.consent;

import org.jspecify.annotations.NullMarked;
