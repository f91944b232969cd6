package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.consent.MarkerStore;

/** The consent that a launch has found: the marker as it was read, and its claim. */
final class Consent {

    private final MarkerStore markers;
    private MarkerReading marker = new MarkerReading.Absent();
    private boolean wasRead;
    private boolean claimed;

    Consent(MarkerStore markers) {
        this.markers = markers;
    }

    /** Claims the marker. */
    void claim() {
        marker = markers.claim();
        claimed = marker instanceof MarkerReading.Valid;
        wasRead = true;
    }

    /** Looks at the marker, as a launcher does that may not claim it. */
    void peek() {
        marker = markers.peek();
        wasRead = true;
    }

    /** The marker as it was claimed or looked at; where the launch broke as it read it, it is looked at now. */
    MarkerReading markerReadOnce() {
        if (!wasRead) {
            peek();
        }
        return marker;
    }

    /** The marker as it was claimed or looked at; absent before. */
    MarkerReading marker() {
        return marker;
    }

    /** The claim as it is now. A marker that was not claimed can let nothing happen; what was seen of it is kept for the report. */
    MarkerReading reread() {
        return claimed ? markers.readClaim() : marker;
    }

    /** Notes that the holder is asked to end; the claim as it is then. */
    MarkerReading noteRequest() {
        return markers.noteRequest();
    }

    boolean isClaimed() {
        return claimed;
    }

    void discardClaim() {
        markers.discardClaim();
    }
}
