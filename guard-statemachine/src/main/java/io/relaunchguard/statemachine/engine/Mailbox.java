package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.lifecycle.LifecycleEvent;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox that a launch waits on. It has the events that the launch's states raise, the callbacks of ports that
 * something changed, and the end of a wait. Other threads call only {@link #postChange}.
 */
final class Mailbox {

    /** A message for the state in charge. */
    sealed interface Message {

        /** The message that something outside changed: the state in charge now should look. */
        record Changed() implements Message {}

        /** An event of one state visit. */
        record Raised(long visit, LifecycleEvent event) implements Message {}
    }

    private final GuardClock clock;
    private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean changePosted = new AtomicBoolean();
    private long visit;
    private long deadline;

    Mailbox(GuardClock clock) {
        this.clock = clock;
    }

    /** Puts an event in. It counts only if {@link #forget} is not called until it is taken. */
    void raise(LifecycleEvent event) {
        queue.add(new Message.Raised(visit, event));
    }

    /** Puts in that something changed, unless that is in it already. Any thread may call this. */
    void postChange() {
        if (changePosted.compareAndSet(false, true)) {
            queue.add(new Message.Changed());
        }
    }

    /** Forgets the events raised before, because the launch visits another state or something broke. */
    void forget() {
        visit++;
    }

    /** Sets when {@link #take} stops waiting. */
    void waitAtMost(Duration budget) {
        deadline = nanoTime() + budget.toNanos();
    }

    long nanoTime() {
        return clock.nanoTime();
    }

    /** Waits for the next message that counts; null if the wait is over. */
    @Nullable
    Message take() throws InterruptedException {
        while (true) {
            Message next = clock.poll(queue, deadline);
            if (next instanceof Message.Changed) {
                changePosted.set(false);
            }
            if (!(next instanceof Message.Raised raised) || raised.visit() == visit) {
                return next;
            }
        }
    }
}
