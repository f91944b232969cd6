package io.relaunchguard.core.secondstart;

import java.nio.file.Path;

/** What came of handing a second start to the running instance. */
public sealed interface HandOver {

    /** The running instance has dealt with it; the second start may end. */
    record Accepted() implements HandOver {}

    /** The running instance does not take it, or it must not be given away. */
    record Refused(String reason) implements HandOver {}

    /** The running instance does not take it because nothing would be seen of it here: it is on another display. */
    record Elsewhere(String reason) implements HandOver {}

    /** The running instance is still starting after all the time that it was given. */
    record Starting() implements HandOver {}

    /**
     * The running instance is closing.
     *
     * @param ended whether it has let go of the connection meanwhile, as a process does that ends
     */
    record Closing(boolean ended) implements HandOver {}

    /**
     * It was connected to, and kept the connection, but there was no answer in time.
     *
     * @param received whether it has read the start: then its process works, but its user interface is slow or hangs
     * @param socket where it listens
     */
    record Unanswered(boolean received, Path socket, String detail) implements HandOver {}

    /** It could not be asked, for a reason on this side or between: that says nothing about the running instance. */
    record NotAsked(String reason) implements HandOver {}

    /** No instance listens on this profile. */
    record Nobody(String reason) implements HandOver {}
}
