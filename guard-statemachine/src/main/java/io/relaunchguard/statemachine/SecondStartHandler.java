package io.relaunchguard.statemachine;

import io.relaunchguard.core.secondstart.SecondStart;

/**
 * Deals with a second start of this application. It comes from a process of the same user, but from outside: open a document
 * that it names, say, but do nothing on its word that the user could regret.
 */
@FunctionalInterface
public interface SecondStartHandler {

    /**
     * Called on a thread of its own, for one start at a time. The second start ends when this returns, so return once the user
     * can see that it was heard; if it throws, the second start is refused.
     */
    void secondStart(SecondStart start);
}
