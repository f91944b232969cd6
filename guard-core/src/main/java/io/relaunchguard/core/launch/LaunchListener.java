package io.relaunchguard.core.launch;

import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.secondstart.Answer;

/**
 * A listener to a running launch, for a splash screen, a log or a live page. Its methods run on the launch's own
 * thread, so they must return quickly. What they throw is logged and changes nothing.
 */
public interface LaunchListener {

    /** Called when a state was entered, before its work begins. */
    default void entered(LifecycleState state) {}

    /** Called when a transition was taken; {@link #entered} follows. */
    default void transitioned(Transition transition) {}

    /** Called when a signal was sent. */
    default void signalled(SentSignal signal) {}

    /** Called when the launch has ended. */
    default void ended(LaunchReport report) {}

    /**
     * Called when this start begins to wait because the running instance answered RECEIVED, STARTING or CLOSING. Either
     * the launch was HELD, or it continues to wait for an instance whose closing notice says that it is CLOSING.
     */
    default void waiting(Answer answer) {}

    /** Called when that wait has ended. */
    default void waited() {}
}
