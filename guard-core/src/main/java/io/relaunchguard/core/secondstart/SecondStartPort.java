package io.relaunchguard.core.secondstart;

import io.relaunchguard.core.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** The port between the running instance of a profile and its second starts, found by {@link java.util.ServiceLoader}. */
public interface SecondStartPort {

    /**
     * Listens on a profile, replacing an earlier instance. Only the instance that was let through may call it, while it
     * has the launch lock.
     *
     * @throws IOException if it cannot listen, or cannot do so safely
     */
    Listening listen(Path profile, Receiver receiver) throws IOException;

    /**
     * Hands a second start to the instance that listens on the profile and waits for its answer. Sends nothing to an
     * instance of another user.
     *
     * @param heard called with RECEIVED, STARTING and CLOSING when they arrive, on this thread
     */
    HandOver handOver(Path profile, SecondStart start, Patience patience, Consumer<Answer> heard);

    /** A listener on a profile; it listens until it is closed. */
    interface Listening extends Watch {

        /** Closes the listener after a delay, unless the process ends before. Returns immediately. */
        void closeAfter(Duration time);
    }

    /** The receiver of second starts. Its methods run on a thread of the port, so they must return quickly. */
    interface Receiver {

        /** Called when a process of this user sent a second start. */
        void received(SecondStart start, Asker asker);

        /**
         * Called when something temporarily prevents receiving more; not called again until receiving has worked in
         * between.
         */
        void troubled(Exception cause);

        /** Called when listening has ended because of a failure. */
        void failed(Throwable cause);
    }

    /** The second start that waits for an answer. Thread-safe. */
    interface Asker {

        /** Sends an answer. After a final answer, further ones are ignored. */
        void answer(Reply reply);

        /** Returns whether the second start is still waiting. */
        boolean isWaiting();
    }
}
