/**
 * The windows that a user sees: a splash while the launch takes its time, a dialog when it was HELD, and the window of
 * a running instance that comes to the front. The package uses Swing. Without a display, none of it does anything.
 */
@NullMarked
package io.relaunchguard.statemachine.desktop;

import org.jspecify.annotations.NullMarked;
