package io.relaunchguard.statemachine.start;

/**
 * A handler that informs the user of a launch that was HELD, in a window for example, before the start ends. It runs on
 * the thread that starts the application, before any bean exists. So you name it in {@code META-INF/spring.factories}
 * and give it a constructor without arguments, or with Spring's {@code Environment}. What it throws is logged and
 * counts as {@link Decision#QUIT}.
 */
@FunctionalInterface
public interface HeldHandler {

    /**
     * Decides what happens next. Called each time the launch was HELD. If several handlers are named, the first one
     * that does not quit decides.
     */
    Decision held(HeldLaunch launch);

    /** The decision of a handler. */
    enum Decision {
        /** The start ends with the exit code of a launch that was HELD. */
        QUIT,
        /** The launch is run once more. */
        TRY_AGAIN,
        /** The running instance has taken over; the start ends with exit code 0. */
        HANDED_OVER
    }
}
