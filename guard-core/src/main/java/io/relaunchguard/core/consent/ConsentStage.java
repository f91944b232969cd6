package io.relaunchguard.core.consent;

/** How far launchers have come with a consent, in order: it only ever moves on to the next one. */
public enum ConsentStage {

    /** It is written, and no launcher has claimed it yet. */
    WRITTEN,

    /** A launcher has claimed it. */
    CLAIMED,

    /** A launcher has noted that it asks the process to end. */
    ASKED,

    /** There is none: it was withdrawn, or is used up. */
    GONE
}
