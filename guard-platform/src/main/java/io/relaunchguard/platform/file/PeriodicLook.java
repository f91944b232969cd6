package io.relaunchguard.platform.file;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.GuardClock;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * Replaces a watch where the operating system provides none, for example because the user's inotify instances are used
 * up. Calls its owner twice a second until it is closed.
 */
public final class PeriodicLook implements Watch {

    private static final Duration PERIOD = Duration.ofMillis(500);

    private final BlockingQueue<Boolean> closed = new LinkedBlockingQueue<>();
    private final GuardClock clock;
    private final Thread thread;

    private PeriodicLook(Runnable look, GuardClock clock) {
        this.clock = clock;
        this.thread = new Thread(() -> tell(look), "relaunch-guard-look");
        this.thread.setDaemon(true);
    }

    /**
     * Returns the watch, or a periodic look if there is none.
     *
     * @param watch starts the watch, and throws {@link UncheckedIOException} if there is none
     * @param look the action to run periodically, which the watch calls too
     */
    public static Watch unless(Supplier<Watch> watch, Runnable look, GuardClock clock) {
        try {
            return watch.get();
        } catch (UncheckedIOException none) {
            PeriodicLook instead = new PeriodicLook(look, clock);
            instead.thread.start();
            return instead;
        }
    }

    @Override
    public void close() {
        closed.add(true);
        if (Thread.currentThread() != thread) {
            Uninterruptibly.join(thread);
        }
    }

    private void tell(Runnable look) {
        try {
            while (clock.poll(closed, clock.nanoTime() + PERIOD.toNanos()) == null) {
                look.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
