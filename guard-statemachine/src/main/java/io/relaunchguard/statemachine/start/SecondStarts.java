package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.SecondStartHandler;
import io.relaunchguard.statemachine.SecondStartListening;
import java.io.IOException;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The second starts of an application, from the moment that its launch was permitted to the end of its process. Second
 * starts that come before the application has started are told so and wait for it. Second starts that come while it
 * closes are told that. Thread-safe.
 */
public final class SecondStarts {

    /** The time for which a process that goes on after its application has closed says that it is closing. */
    static final Duration CLOSING = Duration.ofSeconds(30);

    private static final Log logger = LogFactory.getLog(SecondStarts.class);

    private @Nullable SecondStartListening listening;
    private @Nullable SecondStartHandler handler;
    private boolean closed;

    SecondStarts() {}

    /**
     * Notes that the application has started, and that this handler deals with second starts. Only the first call
     * counts.
     */
    public synchronized void deliverTo(SecondStartHandler started) {
        if (handler == null) {
            handler = started;
            if (listening != null) {
                listening.deliverTo(started);
            }
        }
    }

    /** Notes that the application starts again in this process. Second starts that come until then wait for it. */
    synchronized void startAgain() {
        handler = null;
        if (listening != null) {
            listening.startAgain();
        }
    }

    /** Starts to listen. An application that cannot listen starts all the same. */
    synchronized void listen(LaunchPermit permit) {
        if (closed) {
            return;
        }
        try {
            listening = permit.receiveSecondStarts();
            if (handler != null) {
                listening.deliverTo(handler);
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            logger.warn("Second starts of this application will not be heard: " + e.getMessage(), e);
        }
    }

    /** Notes that the application is closing. */
    synchronized void close() {
        closed = true;
        if (listening != null) {
            listening.closing(CLOSING);
        }
    }
}
