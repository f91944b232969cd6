package io.relaunchguard.core.successor;

import io.relaunchguard.core.Observation;

/** A successor, as seen by the process that started it. */
public interface Successor {

    /** Its process id. */
    long pid();

    /**
     * What it ended with; 128 and the signal's number if a signal ended it. Absent while it runs, Unknown where that cannot
     * be told. Lets go of what the kernel keeps of an ended child.
     */
    Observation<Integer> exitCode();

    /** The end of what it has written to its standard error; empty if there is nothing, or it cannot be told. */
    String errors();
}
