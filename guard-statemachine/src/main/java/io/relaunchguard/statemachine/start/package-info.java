/** The early start: the launch begins as soon as Spring Boot has an environment, before any bean. */
@NullMarked
package io.relaunchguard.statemachine.start;

import org.jspecify.annotations.NullMarked;
