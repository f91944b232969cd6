package io.relaunchguard.core.consent;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The consent of one exact process to be ended so that its successor can start. {@code docs/marker.md} describes the file.
 *
 * @param pid the consenting process, in its own pid namespace
 * @param start its raw start token, see {@link io.relaunchguard.core.process.ProcessIdentity#start()}
 * @param bootId the boot it runs in
 * @param host its host's name, as gethostname(2) gives it
 * @param machineId the machine's own id; empty where the machine has none
 * @param pidNamespace the identity of its pid namespace
 * @param user the account it runs as
 * @param profile the identity of the profile directory, so that a copy of it carries no consent
 * @param executable the path of its program, for people to read; may be empty
 * @param fromVersion the version that goes; may be empty
 * @param toVersion the version that comes; may be empty
 * @param nonce a random word that tells two markers of one process apart
 * @param written when it was written, as time since boot, sleep included
 * @param writtenAt the same by the wall clock, for people to read
 * @param deadline when the process means to have ended by itself, as time since boot
 */
public record ConsentMarker(
        long pid,
        String start,
        String bootId,
        String host,
        String machineId,
        String pidNamespace,
        String user,
        String profile,
        String executable,
        String fromVersion,
        String toVersion,
        String nonce,
        Duration written,
        Instant writtenAt,
        Duration deadline) {

    /** Times are kept in milliseconds, as the file has them. */
    public ConsentMarker {
        written = written.truncatedTo(ChronoUnit.MILLIS);
        deadline = deadline.truncatedTo(ChronoUnit.MILLIS);
    }
}
