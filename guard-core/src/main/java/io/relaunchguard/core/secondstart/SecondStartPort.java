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
     * @throws IOException if it cannot be listened, or not safely
     */
    Listening listen(Path profile, Receiver receiver) throws IOException;

    /**
     * Hands a second start to the instance that listens on the profile and waits for its answer. Nothing is sent to an
     * instance of another user.
     *
     * @param heard hears of RECEIVED, STARTING and CLOSING when they come, on this thread
     */
    HandOver handOver(Path profile, SecondStart start, Patience patience, Consumer<Answer> heard);

    /** Listens until it is closed. */
    interface Listening extends Watch {

        /** Ends by itself after a while, unless the process has ended before. Returns at once. */
        void closeAfter(Duration time);
    }

    /** Hears of second starts on a thread of the port's, and so must be quick. */
    interface Receiver {

        /** A process of this user sent one. */
        void received(SecondStart start, Asker asker);

        /** Something is in the way of hearing more, for now; said once until it has gone well again. */
        void troubled(Exception cause);

        /** The listening has ended, because it broke. */
        void failed(Throwable cause);
    }

    /** Whoever waits for an answer. Thread-safe. */
    interface Asker {

        /** Answers it; nothing follows a last one. */
        void answer(Reply reply);

        /** Whether it still waits. */
        boolean isWaiting();
    }
}
