package io.relaunchguard.statemachine;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.SecondStartPort.Listening;
import java.time.Duration;

/**
 * Hears of second starts of this application until it is closed or the process ends. Whoever comes before the application has
 * started waits for it; whoever comes while it is closing is told to wait for its end. Thread-safe.
 */
public final class SecondStartListening implements Watch {

    private final Listening listening;
    private final SecondStartQueue queue;

    SecondStartListening(Listening listening, SecondStartQueue queue) {
        this.listening = listening;
        this.queue = queue;
    }

    /** The application has started, and deals with them this way. The first call of a start counts. */
    public void deliverTo(SecondStartHandler started) {
        queue.deliverTo(started);
    }

    /** The application starts again in this process: whoever comes waits until it is said anew where they go. */
    public void startAgain() {
        queue.startAgain();
    }

    /**
     * The application is closing. Goes on listening, to say so, until the process ends.
     *
     * @param atMost when to end it if the process goes on
     */
    public void closing(Duration atMost) {
        queue.closing();
        listening.closeAfter(atMost);
    }

    @Override
    public void close() {
        listening.close();
        queue.close();
    }
}
