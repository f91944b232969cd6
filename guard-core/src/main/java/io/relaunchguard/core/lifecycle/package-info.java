/** The launch lifecycle as data: the one table from which the machine, the diagrams and the tests are made. */
@NullMarked
package io.relaunchguard.core.lifecycle;

import org.jspecify.annotations.NullMarked;
