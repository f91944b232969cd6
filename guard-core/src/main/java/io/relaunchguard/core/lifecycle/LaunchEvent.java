package io.relaunchguard.core.lifecycle;

/** What can happen to a launch. Each event is raised once per state visit, after the state's own work is done. */
public enum LaunchEvent {
    /** It was looked whether anybody has the profile. */
    PROFILE_READ,
    /** The launch lock was asked for and the marker read and, if it is ours, claimed. */
    MARKER_READ,
    /** Every fact was read, the holder pinned first. */
    FACTS_READ,
    /** The facts are complete and may be judged. */
    DECIDED,
    /** The pinned holder was seen to exit. */
    HOLDER_EXITED,
    /** The holder made progress while its grace ran out, and the bound on extensions is not reached. */
    PROGRESS_SEEN,
    /** The time allowed for the state is over. */
    WAIT_ELAPSED,
    /** The holder was to be asked to end and, at the last look before, did not consent any more, or that could not be told. */
    CONSENT_WITHDRAWN,
    /** It was seen that nobody live holds the cache, and no lock is left; a look since may have seen it taken again. */
    CACHE_FREE,
    /** Something broke: a port threw, or a native library is missing. */
    FAULT
}
