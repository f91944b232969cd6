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

    /** Reads the marker without claiming it, for a launcher that may not claim it. */
    void peek() {
        marker = markers.peek();
        wasRead = true;
    }

    /**
     * Returns the marker as it was claimed or read. If the launch broke while it read the marker, this reads it now.
     */
    MarkerReading markerReadOnce() {
        if (!wasRead) {
            peek();
        }
        return marker;
    }

    /** Returns the marker as it was claimed or read; absent before. */
    MarkerReading marker() {
        return marker;
    }

    /**
     * Reads the claim again and returns it as it is now. A marker that was not claimed cannot permit anything; this
     * keeps what was seen of it for the report.
     */
    MarkerReading reread() {
        return claimed ? markers.readClaim() : marker;
    }

    /** Records that the launch asks the holder to end, and returns the claim as it is then. */
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
