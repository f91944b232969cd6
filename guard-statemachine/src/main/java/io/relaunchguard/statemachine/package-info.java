/** The API for an embedder: the guard, its result, the permit to start CEF, and listeners to a launch. */
@NullMarked
package io.relaunchguard.statemachine;

import org.jspecify.annotations.NullMarked;
