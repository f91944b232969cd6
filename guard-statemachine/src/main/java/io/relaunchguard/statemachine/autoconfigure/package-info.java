/**
 * The beans that an application on Spring Boot gets by default; every bean backs off before one of the application's
 * own.
 */
@NullMarked
package io.relaunchguard.statemachine.autoconfigure;

import org.jspecify.annotations.NullMarked;
