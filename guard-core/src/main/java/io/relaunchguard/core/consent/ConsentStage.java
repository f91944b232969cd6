package io.relaunchguard.core.consent;

/** How far launchers have used a consent, in order. A consent only ever moves forward. */
public enum ConsentStage {

    /** The marker is written, and no launcher has claimed it yet. */
    WRITTEN,

    /** A launcher has claimed it. */
    CLAIMED,

    /** A launcher has recorded that it asks the process to end. */
    ASKED,

    /** There is no marker: it was withdrawn, or is used up. */
    GONE
}
