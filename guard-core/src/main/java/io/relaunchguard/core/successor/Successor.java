package io.relaunchguard.core.successor;

import io.relaunchguard.core.Observation;

/** A successor, as seen by the process that started it. */
public interface Successor {

    /** Returns the PID of the successor. */
    long pid();

    /**
     * Returns the exit code, or 128 plus the signal number if a signal ended the process. {@link Observation.Absent}
     * while it runs, {@link Observation.Unknown} where that is unknown. Reaps an exited child, so that the kernel can
     * release it.
     */
    Observation<Integer> exitCode();

    /**
     * Returns the end of what the successor has written to standard error; empty if there is nothing, or it is unknown.
     */
    String errors();
}
