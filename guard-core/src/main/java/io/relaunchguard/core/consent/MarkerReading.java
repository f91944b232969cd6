package io.relaunchguard.core.consent;

/** The result of reading the consent marker of a profile. */
public sealed interface MarkerReading {

    /** There is no marker. */
    record Absent() implements MarkerReading {}

    /**
     * A complete marker in a file that can be trusted.
     *
     * @param asked whether a launch has recorded that it asks the process to end, see {@link MarkerStore#noteRequest}
     */
    record Valid(ConsentMarker marker, boolean asked) implements MarkerReading {

        /** Creates a reading of a marker whose process no launch has asked yet. */
        public Valid(ConsentMarker marker) {
            this(marker, false);
        }
    }

    /** A file that must not be trusted: truncated, too long, a link, owned by another user, or accessible to others. */
    record Invalid(String reason) implements MarkerReading {}

    /** A file that exists, or may exist, but could not be read. */
    record Unreadable(String reason) implements MarkerReading {}
}
