/** What the process that takes this one's place is started with. */
@NullMarked
package io.relaunchguard.core.successor;

import org.jspecify.annotations.NullMarked;
