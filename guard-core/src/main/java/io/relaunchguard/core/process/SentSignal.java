package io.relaunchguard.core.process;

/**
 * A signal that was sent, and what came of it.
 *
 * @param pid the receiver's id, for people to read: it was sent through a pin, not to this number
 * @param detail the operating system's word when it was refused, else empty
 */
public record SentSignal(Signal signal, long pid, Result result, String detail) {

    /** What came of it. */
    public enum Result {
        /** The kernel accepted it; whether the process ends is seen by its exit alone. */
        DELIVERED,
        /** The process had exited before. */
        GONE,
        /** The kernel refused it. */
        REFUSED
    }
}
