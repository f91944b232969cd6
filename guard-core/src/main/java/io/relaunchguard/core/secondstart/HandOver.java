package io.relaunchguard.core.secondstart;

/** What came of handing a second start to the running instance. */
public sealed interface HandOver {

    /** The running instance has dealt with it; the second start may end. */
    record Accepted() implements HandOver {}

    /** It was not, or must not be, given away. */
    record Refused(String reason) implements HandOver {}

    /**
     * There is an instance, but it did not answer in time.
     *
     * @param received whether it has read the start: then its process works, but its user interface is slow or hangs; else
     *     the whole process does
     */
    record Unanswered(boolean received, String detail) implements HandOver {}

    /** No instance listens on this profile. */
    record Nobody(String reason) implements HandOver {}
}
