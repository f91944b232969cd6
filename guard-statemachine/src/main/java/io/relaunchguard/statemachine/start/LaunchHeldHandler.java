package io.relaunchguard.statemachine.start;

/**
 * Tells the user of a launch that was HELD, in a window for example, before the start ends. It runs on the thread that starts
 * the application, before any bean exists; so it is named in {@code META-INF/spring.factories} and has a constructor without
 * arguments, or with Spring's {@code Environment}. What it throws is logged and counts as {@link Decision#QUIT}.
 */
@FunctionalInterface
public interface LaunchHeldHandler {

    /** Called each time the launch was HELD. Where several handlers are named, the first that does not quit decides. */
    Decision held(HeldLaunch launch);

    /** What is to be done now. */
    enum Decision {
        /** The start ends with the exit code of a launch that was HELD. */
        QUIT,
        /** The launch is run once more. */
        TRY_AGAIN,
        /** The running instance has taken over; the start ends with exit code 0. */
        HANDED_OVER
    }
}
