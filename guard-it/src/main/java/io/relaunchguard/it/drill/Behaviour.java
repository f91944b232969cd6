package io.relaunchguard.it.drill;

/** How a drill's holder behaves once it has taken the lock. */
enum Behaviour {
    /** Works until it is asked to end, or its standard input ends. */
    HEALTHY,
    /** Stops itself: it answers nothing until it is resumed. */
    STOPPED,
    /** Takes no notice of a request to end. */
    IGNORES_TERM,
    /** Consents to be replaced, starts a launcher as its child, as an app that restarts itself does, and stops itself. */
    RESTARTS_AND_STOPS,
    /** Starts a healthy holder as its child and stops itself, so that it cannot reap it. */
    PARENT_THAT_CANNOT_REAP,
    /** Keeps the first thread of another process of the drill from running, and has no lock. */
    HANGS_ANOTHER
}
