package io.relaunchguard.core.lock;

import io.relaunchguard.core.process.ProcessIdentity;

/** What became of the process that created a lock, as far as the {@link InstanceRecord} shows it. */
public sealed interface LockMaker {

    /** The process is provably gone. */
    record Gone(String proof) implements LockMaker {}

    /**
     * The process is alive.
     *
     * @param process the process
     */
    record Alive(ProcessIdentity process) implements LockMaker {}

    /**
     * The process is alive, or may be, in a place that is invisible from here: that its PID is free here proves
     * nothing.
     */
    record Elsewhere(String reason) implements LockMaker {}

    /** It is unknown what became of the process. */
    record Untold(String reason) implements LockMaker {}
}
