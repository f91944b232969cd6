package io.relaunchguard.core.secondstart;

import io.relaunchguard.core.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** The port between the running instance of a profile and its second starts, found by {@link java.util.ServiceLoader}. */
public interface SecondStartPort {

    /**
     * Listens on a profile, in place of an instance that did before. Only to be called under the launch lock, by whoever was
     * let through.
     *
     * @return ends the listening
     * @throws IOException if it cannot be listened, or not safely
     */
    Watch listen(Path profile, Receiver receiver) throws IOException;

    /**
     * Hands a second start to the instance that listens on the profile and waits for its answer. Nothing is sent to an
     * instance of another user.
     */
    HandOver handOver(Path profile, SecondStart start, Duration deadline);

    /** Hears of second starts on a thread of the port's, and so must be quick. */
    interface Receiver {

        /**
         * A process of this user sent one.
         *
         * @param reply to be called once, from any thread, with ACCEPTED or REFUSED
         */
        void received(SecondStart start, Consumer<Answer> reply);

        /** The listening has ended, because it broke. */
        void failed(Exception cause);
    }
}
