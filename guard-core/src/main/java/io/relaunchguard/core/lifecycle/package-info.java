/**
 * The launch lifecycle as data: the one table that machine, diagrams and tests are made from.
 */
@NullMarked
package io.relaunchguard.core.lifecycle;

import org.jspecify.annotations.NullMarked;
