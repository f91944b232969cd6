package io.relaunchguard.core.process;

/**
 * A signal that was sent, and its result.
 *
 * @param pid the PID of the receiver, for display only: the signal went through a process handle, not to this number
 * @param detail the error of the operating system if it refused the signal, else empty
 */
public record SentSignal(Signal signal, long pid, Result result, String detail) {

    /** The result of sending a signal. */
    public enum Result {
        /** The kernel accepted the signal. Only the exit itself proves that the process ends. */
        DELIVERED,
        /** The process had already exited. */
        GONE,
        /** The kernel refused the signal. */
        REFUSED
    }
}
