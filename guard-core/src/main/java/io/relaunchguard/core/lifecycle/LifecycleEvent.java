package io.relaunchguard.core.lifecycle;

/** The events of a launch. Each event is raised once per state visit, after the state's own work is done. */
public enum LifecycleEvent {
    /** The launch has looked whether another process has the profile. */
    PROFILE_READ,
    /** The launch has asked for the launch lock, has read the marker and, with the lock, has claimed it. */
    MARKER_READ,
    /** The launch has read every fact, and has pinned the holder before. */
    FACTS_READ,
    /** The facts are complete and may be judged. */
    DECIDED,
    /** The launch has seen the pinned holder exit. */
    HOLDER_EXITED,
    /** The holder made progress while its grace period ran out, and the bound on extensions is not reached. */
    PROGRESS_SEEN,
    /** The time allowed for the state is over. */
    WAIT_ELAPSED,
    /**
     * The launch was about to ask the holder to end. At the last look before, the holder did not consent any more, or
     * its consent was unknown.
     */
    CONSENT_WITHDRAWN,
    /**
     * The launch has seen that no live process holds the cache, and that no lock is left. A look since may have seen it
     * taken again.
     */
    CACHE_FREE,
    /** Something broke: a port threw, or a native library is missing. */
    FAULT
}
