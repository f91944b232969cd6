package io.relaunchguard.core.consent;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The consent of exactly one process to be ended so that its successor can start. {@code docs/marker.md} describes the
 * file.
 *
 * @param pid the PID of the consenting process in its own PID namespace
 * @param start the raw start token of the process, see {@link io.relaunchguard.core.process.ProcessIdentity#start()}
 * @param bootId the ID of the boot that the process runs in
 * @param host the host name as gethostname(2) returns it
 * @param machineId the machine ID; empty where the machine has none
 * @param pidNamespace the identity of the PID namespace of the process
 * @param user the account that the process runs as
 * @param profile the identity of the profile directory, so that a copy of the directory carries no consent
 * @param executable the path of the program, for display only; may be empty
 * @param fromVersion the version that ends; may be empty
 * @param toVersion the version that starts; may be empty
 * @param nonce a random word that distinguishes two markers of one process
 * @param written when the marker was written, as time since boot, sleep included
 * @param writtenAt the same as wall-clock time, for display only
 * @param deadline when the process expects to have ended by itself, as time since boot
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

    /** Truncates the times to milliseconds, the resolution of the file. */
    public ConsentMarker {
        written = written.truncatedTo(ChronoUnit.MILLIS);
        deadline = deadline.truncatedTo(ChronoUnit.MILLIS);
    }
}
