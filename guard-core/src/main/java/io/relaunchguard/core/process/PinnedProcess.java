package io.relaunchguard.core.process;

import io.relaunchguard.core.Observation;
import java.util.List;

/**
 * A process handle: a reference to exactly one process, whatever becomes of its PID. A signal that is sent here reaches
 * that process or none. On Linux it is a pidfd, see pidfd_open(2).
 *
 * <p>Call the methods on the launch's own thread. The callback of {@link #onExit} runs on another one.
 */
public interface PinnedProcess extends AutoCloseable {

    /** Returns the PID that the process had when it was pinned. */
    long pid();

    /**
     * Reads the current state of the process. The answer is given only if the process was still alive after the
     * reading, so it cannot describe a later process with the same PID. {@link Observation.Absent} if the process has
     * exited.
     */
    Observation<ProcessIdentity> identity();

    /** Returns whether the process has exited according to the kernel; a zombie has exited. */
    boolean hasExited();

    /**
     * Asks the process once to end, and resumes it if it is stopped.
     *
     * @return the signals sent, in order
     */
    List<SentSignal> requestExit();

    /** Ends the process by force. Only an exit that is observed afterwards proves success, not the returned result. */
    SentSignal forceExit();

    /**
     * Resumes the process if it is stopped, and does nothing otherwise.
     *
     * @return the signals sent, in order
     */
    List<SentSignal> resumeIfStopped();

    /** Reads how much the process has done so far. */
    Observation<Activity> activity();

    /**
     * Allows the process to bring its windows to the front, on systems where it needs permission from the foreground
     * process, such as Windows with AllowSetForegroundWindow. {@link Observation.Absent} where it needs none.
     */
    default Observation<String> allowForeground() {
        return Observation.absent("no leave is needed to come to the front");
    }

    /**
     * Runs {@code action} once, on a thread of the handle, when the process exits or if it already has. Call it at most
     * once per handle.
     */
    void onExit(Runnable action);

    /** Closes the handle and ends its thread; the process itself is not affected. Idempotent, never throws. */
    @Override
    void close();
}
