package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.launch.LaunchReport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Who gets the result of a launch, and when: at its end, or before its files are written, or nobody. Thread-safe. */
final class Delivery {

    private enum Phase {
        RUNNING,
        ENDED,
        /** Delivered while the files at its end are still being written. */
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
     * Nobody wants the result any more.
     *
     * @return false if the launch has ended already; its result is about to be delivered
     */
    boolean abandon() {
        return phase.compareAndSet(Phase.RUNNING, Phase.ABANDONED);
    }

    boolean isAbandoned() {
        return phase.get() == Phase.ABANDONED;
    }

    /** Whether somebody waits for the result. */
    boolean isAwaited() {
        return phase.get() == Phase.RUNNING;
    }

    /** Done once it is decided how the launch ends, or it has ended. */
    CompletableFuture<Void> writing() {
        return writing;
    }

    /** It is decided how the launch ends, and the files at its end are written from here on. */
    void decided(EndedLaunch result) {
        unwritten.set(result);
        writing.complete(null);
    }

    /** They are written. */
    void written() {
        unwritten.set(null);
    }

    /**
     * Takes the result of a launch that is decided and still has files to write.
     *
     * @return null if the launch is not in that moment
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
     * The launch has ended.
     *
     * @return false if nobody takes the result
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
