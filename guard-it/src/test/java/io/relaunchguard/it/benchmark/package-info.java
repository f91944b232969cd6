/** What the guard costs and what it gains, measured beside what one would have without it; see docs/performance.md. */
@NullMarked
package io.relaunchguard.it.benchmark;

import org.jspecify.annotations.NullMarked;
