package io.relaunchguard.core.launch;

import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.secondstart.Answer;

/**
 * Hears of a launch while it runs: for a splash screen, a log, a live page. Called on the launch's own thread, so it must be
 * quick; what it throws is logged and changes nothing.
 */
public interface LaunchListener {

    /** A state was entered; its work has not begun. */
    default void entered(LaunchState state) {}

    /** A transition was taken; {@link #entered} follows. */
    default void transitioned(Transition transition) {}

    /** A signal was sent. */
    default void signalled(SentSignal signal) {}

    /** The launch is over. */
    default void ended(LaunchReport report) {}

    /**
     * This start waits because the running instance gave this answer: RECEIVED, STARTING or CLOSING. The launch was HELD, or goes
     * on waiting for an instance whose notice says that it is CLOSING.
     */
    default void waiting(Answer answer) {}

    /** That waiting is over. */
    default void waited() {}
}
