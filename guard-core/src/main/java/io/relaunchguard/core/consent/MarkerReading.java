package io.relaunchguard.core.consent;

/** What was found where the consent marker should be. */
public sealed interface MarkerReading {

    /** No marker. */
    record Absent() implements MarkerReading {}

    /**
     * A whole marker in a file that is ours.
     *
     * @param asked whether a launch has noted that it asks the process to end, see {@link MarkerStore#noteRequest}
     */
    record Valid(ConsentMarker marker, boolean asked) implements MarkerReading {

        /** A marker whose process was not asked yet. */
        public Valid(ConsentMarker marker) {
            this(marker, false);
        }
    }

    /** Something is there that must not be believed: torn, too long, a link, another user's, or open to others. */
    record Invalid(String reason) implements MarkerReading {}

    /** Something is there, or may be, that could not be read. */
    record Unreadable(String reason) implements MarkerReading {}
}
