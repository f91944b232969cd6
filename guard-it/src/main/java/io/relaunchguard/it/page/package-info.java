/** The page of the command line: a server of this machine's own, for as long as the command runs. */
@NullMarked
package io.relaunchguard.it.page;

import org.jspecify.annotations.NullMarked;
