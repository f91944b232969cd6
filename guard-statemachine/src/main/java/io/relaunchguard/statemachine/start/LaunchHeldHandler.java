package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.LaunchReport;

/**
 * Tells the user of a launch that was HELD, in a window for example, before the start ends. It runs on the thread that starts
 * the application, before any bean exists; so it is named in {@code META-INF/spring.factories} and has a constructor without
 * arguments. What it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface LaunchHeldHandler {

    /** Called once. The start ends when it returns. */
    void held(LaunchReport report);
}
