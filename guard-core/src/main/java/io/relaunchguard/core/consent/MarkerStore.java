package io.relaunchguard.core.consent;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The port to the consent marker and the closing notice of one profile. Call its methods only while you have the launch
 * lock, except {@link #peek}, {@link #write}, those that take a nonce, and those of the notice.
 */
public interface MarkerStore {

    /** Returns the identity of the profile directory itself. A copy of the directory has another identity. */
    Observation<String> profileIdentity();

    /** Reads the marker, claimed or not, and changes nothing. */
    MarkerReading peek();

    /**
     * Claims the marker for this launch by an atomic rename, so that no other launch can use it. If there is no newer
     * marker, adopts a claim that a dead launcher left behind. A marker that is incomplete or must not be trusted stays
     * in place.
     */
    MarkerReading claim();

    /** Reads the claimed marker again; {@link MarkerReading.Absent} if the consent was withdrawn. */
    MarkerReading readClaim();

    /**
     * Records that the launch is about to ask the process to end, and reads the claim again. An atomic rename of the
     * claim records it, so that a launch that adopts the claim does not ask a second time. A consent that was withdrawn
     * meanwhile stays withdrawn.
     *
     * @return the claim; unless it is valid and recorded as asked, the process must not be asked
     * @throws RuntimeException if the request cannot be recorded
     */
    MarkerReading noteRequest();

    /** Deletes the claim: the consent is used up. */
    void discardClaim();

    /**
     * Writes a marker atomically and durably, replacing any older one.
     *
     * @throws IOException if the marker cannot be written; no partial file remains then
     */
    void write(ConsentMarker marker) throws IOException;

    /**
     * Withdraws a marker that this process wrote, claimed or not, and leaves any other marker alone. Launchers read the
     * marker again before each signal. Idempotent.
     *
     * @param nonce the nonce of the marker that was written
     * @throws IOException unless the marker is certainly gone: it cannot be deleted, or it is unknown whether an
     *     existing file is this marker
     */
    void withdraw(String nonce) throws IOException;

    /**
     * Withdraws the markers of a process in every stage, and leaves those of other processes alone. Idempotent.
     *
     * @param pid the PID that the markers name
     * @throws IOException unless certainly no marker of that process is left: one cannot be deleted, or it is unknown
     *     whether an existing file is one
     */
    void withdrawOf(long pid) throws IOException;

    /** Returns the existing files that may be a marker but cannot be read, or not be trusted; a user may remove them. */
    default List<Path> obstacles() {
        return List.of();
    }

    /**
     * Returns how far launchers have used a marker that this process wrote.
     *
     * @param nonce the nonce of that marker
     * @throws IOException if the stage cannot be determined
     */
    ConsentStage stage(String nonce) throws IOException;

    /**
     * Withdraws a marker that this process wrote, unless a launcher is already past the given stage. Either this or the
     * launcher's next step succeeds, never both.
     *
     * @param nonce the nonce of the marker that was written
     * @param last the last stage in which the marker is withdrawn
     * @return {@link ConsentStage#GONE} if the marker is certainly gone, else the later stage that it has reached
     * @throws IOException if neither is certain
     */
    ConsentStage withdrawUpTo(String nonce, ConsentStage last) throws IOException;

    /**
     * Writes a closing notice, replacing the previous one. It need not survive the boot.
     *
     * @throws IOException if the notice cannot be written; no partial file remains then
     */
    void writeClosing(ClosingNotice notice) throws IOException;

    /** Reads the last closing notice. */
    Observation<ClosingNotice> closing();
}
