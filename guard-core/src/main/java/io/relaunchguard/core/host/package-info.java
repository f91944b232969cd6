/**
 * The host and the launcher's identity on it: {@link io.relaunchguard.core.host.HostIdentity}, read through
 * {@link io.relaunchguard.core.host.HostPort}.
 */
@NullMarked
package io.relaunchguard.core.host;

import org.jspecify.annotations.NullMarked;
