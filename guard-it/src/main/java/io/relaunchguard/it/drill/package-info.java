/** The host drill: scenarios played on this host with processes of its own. */
@NullMarked
package io.relaunchguard.it.drill;

import org.jspecify.annotations.NullMarked;
