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
 * The end of this process at its deadline. Before it, a thread dump is written; and where a browser in a process of its own has
 * consented in place of this one, that is ended. Both are done on threads of their own and waited for shortly: whatever becomes of
 * them, the end comes.
 */
final class DeadlineEnd implements Runnable {

    private static final Log logger = LogFactory.getLog(DeadlineEnd.class);

    /** What the dump may delay the end. */
    private static final Duration DUMP = Duration.ofMillis(200);

    /** What the end of the browser may delay it: it is not this process that holds the profile then. */
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

    /** Ends what has this consent too; loads now what a dump takes, because at the deadline there is no time for it. */
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
            // Who wants the end sooner gets it.
            Thread.currentThread().interrupt();
        } finally {
            end.run();
        }
    }

    /** What may wait for the file system or the kernel. */
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
                        // Nobody is left to hear of it but the log.
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
