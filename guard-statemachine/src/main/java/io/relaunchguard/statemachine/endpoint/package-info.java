/** The launch and its history for Spring Boot's Actuator, and as a picture. */
@NullMarked
package io.relaunchguard.statemachine.endpoint;

import org.jspecify.annotations.NullMarked;
