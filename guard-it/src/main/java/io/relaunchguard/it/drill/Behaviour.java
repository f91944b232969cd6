package io.relaunchguard.it.drill;

/** The behaviour of a drill's holder once it has taken the lock. */
enum Behaviour {
    /** The holder works until it is asked to end, or its standard input ends. */
    HEALTHY,
    /** The holder stops itself: it answers nothing until it is resumed. */
    STOPPED,
    /** The holder ignores requests to end. */
    IGNORES_TERM,
    /**
     * The holder consents to be replaced, starts a launcher as its child, as an app that restarts itself does, and
     * stops itself.
     */
    RESTARTS_AND_STOPS,
    /** The holder starts a healthy holder as its child and stops itself, so that it cannot reap that child. */
    PARENT_THAT_CANNOT_REAP,
    /** The process keeps the first thread of another process of the drill from running, and has no lock. */
    HANGS_ANOTHER
}
