package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchReport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The delivery of a launch's result. It decides which caller gets the result, and when: at the launch's end, before the
 * launch has written its files, or never. Thread-safe.
 */
final class Delivery {

    private enum Phase {
        RUNNING,
        ENDED,
        /** The result was delivered while the launch was still writing its last files. */
        TAKEN,
        ABANDONED
    }

    private final Journal journal;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);
    private final CompletableFuture<Void> writing = new CompletableFuture<>();
    private final AtomicReference<@Nullable EndedLaunch> unwritten = new AtomicReference<>();
    private final AtomicBoolean endTold = new AtomicBoolean();

    Delivery(Journal journal) {
        this.journal = journal;
    }

    /**
     * Notes that no caller wants the result any more.
     *
     * @return false if the launch has ended already; its result is about to be delivered
     */
    boolean abandon() {
        return phase.compareAndSet(Phase.RUNNING, Phase.ABANDONED);
    }

    boolean isAbandoned() {
        return phase.get() == Phase.ABANDONED;
    }

    /** Returns whether a caller waits for the result. */
    boolean isAwaited() {
        return phase.get() == Phase.RUNNING;
    }

    /** Returns a future that is done once the outcome of the launch is decided, or the launch has ended. */
    CompletableFuture<Void> writing() {
        return writing;
    }

    /** Notes that the outcome of the launch is decided. From here on the launch writes its last files. */
    void decided(EndedLaunch result) {
        unwritten.set(result);
        writing.complete(null);
    }

    /** Notes that the launch has written them. */
    void written() {
        unwritten.set(null);
    }

    /**
     * Takes the result of a launch whose outcome is decided and which still has files to write.
     *
     * @return null if the launch is not in that phase
     */
    @Nullable
    EndedLaunch takeUnwritten() {
        EndedLaunch taken = unwritten.get();
        if (taken == null || !phase.compareAndSet(Phase.RUNNING, Phase.TAKEN)) {
            return null;
        }
        tellEnd(taken.report());
        return taken;
    }

    /**
     * Notes that the launch has ended.
     *
     * @return false if no caller takes the result
     */
    boolean ended(LaunchReport report) {
        tellEnd(report);
        return phase.compareAndSet(Phase.RUNNING, Phase.ENDED) || phase.get() == Phase.TAKEN;
    }

    private void tellEnd(LaunchReport report) {
        if (endTold.compareAndSet(false, true)) {
            journal.ended(report);
        }
    }
}
