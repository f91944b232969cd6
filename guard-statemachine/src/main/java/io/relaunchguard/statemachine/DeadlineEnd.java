package io.relaunchguard.statemachine;

import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.launch.ProfilePorts;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The end of this process at its deadline. It writes a thread dump before. If a browser in a process of its own has
 * consented in place of this process, it ends that browser too. It does both on threads of their own and waits for them
 * only shortly: the end comes whatever becomes of them.
 */
final class DeadlineEnd implements Runnable {

    private static final Log logger = LogFactory.getLog(DeadlineEnd.class);

    /** The longest delay of the end by the thread dump. */
    private static final Duration DUMP = Duration.ofMillis(200);

    /**
     * The longest delay of the end by the browser's end. In that case it is not this process that holds the profile.
     */
    private static final Duration BROWSER = Duration.ofSeconds(2);

    private final ProfilePorts ports;
    private final Runnable end;
    private volatile @Nullable ConsentMarker consent;
    private volatile boolean isDumpable;
    private volatile boolean isOfABrowser;

    DeadlineEnd(ProfilePorts ports, Runnable end) {
        this.ports = ports;
        this.end = end;
    }

    /**
     * Sets the consent whose browser, if any, ends with this process. Loads now what a thread dump needs, because there
     * is no time for it at the deadline.
     */
    ConsentMarker of(ConsentMarker given) {
        isOfABrowser = given.pid() != ports.host().read().pid();
        isDumpable = isDumpable();
        consent = given;
        return given;
    }

    private static boolean isDumpable() {
        try {
            return !ThreadDump.take("").isEmpty();
        } catch (RuntimeException | LinkageError e) {
            logger.debug("There will be no thread dump", e);
            return false;
        }
    }

    @Override
    public void run() {
        try {
            ConsentMarker given = consent;
            if (given != null && isDumpable) {
                within(DUMP, "relaunch-guard-thread-dump", () -> dump(given));
            }
            if (given != null && isOfABrowser) {
                within(BROWSER, "relaunch-guard-browser-end", () -> new OutgoingHolder(ports).end(given));
            }
        } catch (InterruptedException e) {
            // An interrupt asks for the end now, so end now.
            Thread.currentThread().interrupt();
        } finally {
            end.run();
        }
    }

    /** A step that may have to wait for the file system or the kernel. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void within(Duration most, String name, Work work) throws InterruptedException {
        BlockingQueue<Boolean> done = new LinkedBlockingQueue<>();
        Thread worker = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | RuntimeException | LinkageError e) {
                        // Only the log can still receive this error.
                        logger.warn(name + " has failed right before the end of this process", e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        done.add(true);
                    }
                },
                name);
        worker.setDaemon(true);
        long until = ports.clock().nanoTime() + most.toNanos();
        worker.start();
        var unused = ports.clock().poll(done, until);
    }

    private void dump(ConsentMarker given) throws IOException {
        ports.threadDumps()
                .write(
                        given.nonce(),
                        ThreadDump.take("Process %d had not ended by the deadline of its consent, at %s."
                                .formatted(
                                        ports.host().read().pid(), ports.clock().now())));
    }
}
