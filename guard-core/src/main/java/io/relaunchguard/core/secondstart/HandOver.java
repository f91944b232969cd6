package io.relaunchguard.core.secondstart;

import java.nio.file.Path;

/** The result of handing a second start to the running instance. */
public sealed interface HandOver {

    /** The running instance has handled the start; the second start may end. */
    record Accepted() implements HandOver {}

    /** The running instance does not accept the start, or it must not be handed over. */
    record Refused(String reason) implements HandOver {}

    /**
     * The running instance does not accept the start because it is on another display, where the user would not see it.
     */
    record Elsewhere(String reason) implements HandOver {}

    /** The running instance is still starting when the timeout has passed. */
    record Starting() implements HandOver {}

    /**
     * The running instance is closing.
     *
     * @param ended whether the connection was closed meanwhile, as happens when the process ends
     */
    record Closing(boolean ended) implements HandOver {}

    /**
     * The running instance was connected and kept the connection, but did not answer in time.
     *
     * @param received whether it has read the start: if so, its process works, but its user interface is slow or hangs
     * @param socket the socket that it listens on
     */
    record Unanswered(boolean received, Path socket, String detail) implements HandOver {}

    /**
     * The running instance could not be asked, for a reason on this side or in between. That says nothing about the
     * instance.
     */
    record NotAsked(String reason) implements HandOver {}

    /** No instance listens on this profile. */
    record Nobody(String reason) implements HandOver {}
}
