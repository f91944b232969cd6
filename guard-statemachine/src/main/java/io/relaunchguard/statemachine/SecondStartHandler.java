package io.relaunchguard.statemachine;

import io.relaunchguard.core.secondstart.SecondStart;

/**
 * The application's answer to a second start. The start comes from a process of the same user, but from outside. Open a
 * document that it names, for example, but do nothing on its word that the user could regret.
 */
@FunctionalInterface
public interface SecondStartHandler {

    /**
     * Deals with one second start. The guard calls this on a thread of its own, for one start at a time. The second
     * start ends when this method returns, so return once the user can see the effect. If this method throws, the guard
     * refuses the second start.
     */
    void secondStart(SecondStart start);
}
