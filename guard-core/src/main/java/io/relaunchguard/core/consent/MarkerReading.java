package io.relaunchguard.core.consent;

/** What was found where the consent marker should be. */
public sealed interface MarkerReading {

    /** No marker. */
    record Absent() implements MarkerReading {}

    /** A whole marker in a file that is ours. */
    record Valid(ConsentMarker marker) implements MarkerReading {}

    /** Something is there that must not be believed: torn, too long, a link, another user's, or open to others. */
    record Invalid(String reason) implements MarkerReading {}

    /** Something is there, or may be, that could not be read. */
    record Unreadable(String reason) implements MarkerReading {}
}
