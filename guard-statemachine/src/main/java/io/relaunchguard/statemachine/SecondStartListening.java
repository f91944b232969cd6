package io.relaunchguard.statemachine;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.SecondStartPort.Listening;
import java.time.Duration;

/**
 * The listening for second starts of this application, until it is closed or the process ends. A second start that
 * comes before the application has started waits for that. A second start that comes while the application is closing
 * is told to wait for its end. Thread-safe.
 */
public final class SecondStartListening implements Watch {

    private final Listening listening;
    private final SecondStartQueue queue;

    SecondStartListening(Listening listening, SecondStartQueue queue) {
        this.listening = listening;
        this.queue = queue;
    }

    /**
     * Notes that the application has started, and that this handler deals with second starts. Only the first call of a
     * start counts.
     */
    public void deliverTo(SecondStartHandler started) {
        queue.deliverTo(started);
    }

    /**
     * Notes that the application starts again in this process. Second starts wait until the next call of
     * {@link #deliverTo}.
     */
    public void startAgain() {
        queue.startAgain();
    }

    /**
     * Notes that the application is closing. The listening goes on until the process ends, so that second starts
     * receive that answer.
     *
     * @param atMost when to end the listening if the process goes on
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
