package io.relaunchguard.core.process;

import io.relaunchguard.core.Observation;
import java.util.List;

/**
 * One process held fast: whatever becomes of its pid, this stays the same process, and a signal sent here reaches it or
 * nobody. On Linux a pidfd, see pidfd_open(2).
 *
 * <p>Methods are called from the launch's own thread; the callback of {@link #onExit} comes from another.
 */
public interface PinnedProcess extends AutoCloseable {

    /** Its id at the time it was pinned. */
    long pid();

    /**
     * What the process is now. The answer is only given when the process was still alive after the reading, so nothing in
     * it can come from a successor under the same pid; a process that has exited is {@link Observation.Absent}.
     */
    Observation<ProcessIdentity> identity();

    /** Whether the kernel says that it has exited; a zombie has. */
    boolean hasExited();

    /** Asks it once to end, and lets it run if it is stopped. Returns what was sent, in order. */
    List<SentSignal> requestExit();

    /** Ends it by force. Success is the exit that is seen afterwards, not this answer. */
    SentSignal forceExit();

    /** Lets it run if it is stopped; does nothing otherwise. Returns what was sent. */
    List<SentSignal> resumeIfStopped();

    /** How much it has done so far. */
    Observation<Activity> activity();

    /**
     * Lets it bring its windows to the front, where a process needs the leave of the one that the person uses: see
     * AllowSetForegroundWindow of Windows. Absent where none is needed.
     */
    default Observation<String> allowForeground() {
        return Observation.absent("no leave is needed to come to the front");
    }

    /** Runs {@code action} once, on a thread of the pin, when the process exits or has already; at most one a pin. */
    void onExit(Runnable action);

    /** Lets go of it and ends the pin's thread; the process itself is not touched. Never throws, may be called twice. */
    @Override
    void close();
}
