package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.SecondStartHandler;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Second starts of an application, from the moment that its launch was permitted. Those that come before the application has
 * started wait for it. Thread-safe.
 */
public final class SecondStarts {

    private static final Log logger = LogFactory.getLog(SecondStarts.class);

    private final CompletableFuture<SecondStartHandler> handler = new CompletableFuture<>();
    private @Nullable Watch listening;
    private boolean closed;

    SecondStarts() {}

    /** The application has started, and deals with them this way. The first call counts. */
    public void deliverTo(SecondStartHandler started) {
        handler.complete(started);
    }

    /** Listens; an application that cannot starts all the same. */
    synchronized void listen(LaunchPermit permit) {
        if (closed) {
            return;
        }
        try {
            listening = permit.receiveSecondStarts(this::deliver);
        } catch (IOException | RuntimeException e) {
            logger.warn("Second starts of this application will not be heard", e);
        }
    }

    synchronized void close() {
        closed = true;
        // Whoever waits for the application to start waits no longer.
        handler.cancel(false);
        if (listening != null) {
            listening.close();
        }
    }

    private void deliver(SecondStart start) {
        handler.join().secondStart(start);
    }
}
