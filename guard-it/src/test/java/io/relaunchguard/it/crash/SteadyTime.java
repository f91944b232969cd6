package io.relaunchguard.it.crash;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.relaunchguard.core.process.PinnedProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/**
 * The time of a launch that makes the same calls whenever it is run, however busy the machine is. It stands still until the
 * launch waits. Then what must come is waited for, and told in the order in which it was asked for: the answer of the launch
 * lock, and the exit of a process that has exited. If nothing is to come, the deadline is reached at once.
 */
final class SteadyTime {

    private static final long LONG_ENOUGH = 60;

    private final long began = System.nanoTime();
    private final List<Notice> notices = new ArrayList<>();
    private long elapsed;

    /** Something that a port tells, from whatever thread, and that the launch is told when it waits. */
    private static final class Notice {

        private final BooleanSupplier mustCome;
        private final CountDownLatch arrived = new CountDownLatch(1);
        private Runnable action = () -> {};

        Notice(BooleanSupplier mustCome) {
            this.mustCome = mustCome;
        }

        void arrive(Runnable what) {
            action = what;
            arrived.countDown();
        }

        void tell() throws InterruptedException {
            await(arrived);
            action.run();
        }
    }

    synchronized long nanoTime() {
        return began + elapsed;
    }

    <T> T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
        T next = queue.poll();
        while (next == null) {
            Notice due = nextThatMustCome();
            if (due == null) {
                reach(deadline);
                return null;
            }
            due.tell();
            next = queue.poll();
        }
        return next;
    }

    private synchronized void reach(long deadline) {
        elapsed = Math.max(elapsed, deadline - began);
    }

    private synchronized Notice nextThatMustCome() {
        for (Iterator<Notice> all = notices.iterator(); all.hasNext(); ) {
            Notice notice = all.next();
            if (notice.mustCome.getAsBoolean()) {
                all.remove();
                return notice;
            }
        }
        return null;
    }

    private synchronized Notice add(BooleanSupplier mustCome) {
        Notice notice = new Notice(mustCome);
        notices.add(notice);
        return notice;
    }

    /** The lock is free, so that its answer comes. */
    Consumer<Object> answer(Consumer<Object> reply) {
        Notice notice = add(() -> true);
        return value -> notice.arrive(() -> reply.accept(value));
    }

    Runnable exit(PinnedProcess process, Runnable action) {
        Notice notice = add(process::hasExited);
        return () -> notice.arrive(action);
    }

    /** Waits until a process that was just forced to exit has done so. */
    static void awaitExit(PinnedProcess process) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(LONG_ENOUGH, SECONDS)
                .until(process::hasExited);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(LONG_ENOUGH, SECONDS)) {
            throw new IllegalStateException("what must come has not come in %d s".formatted(LONG_ENOUGH));
        }
    }
}
