/**
 * The ports on macOS: libproc, kqueue, sysctl, and signals that the kernel delivers to one very process. Everything native is
 * behind {@link io.relaunchguard.platform.macos.Xnu}.
 */
@NullMarked
package io.relaunchguard.platform.macos;

import org.jspecify.annotations.NullMarked;
