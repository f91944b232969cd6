package io.relaunchguard.core.consent;

import io.relaunchguard.core.Observation;
import java.io.IOException;

/**
 * The port to the consent marker of one profile, and to the closing notice beside it. All but {@link #peek}, {@link #write},
 * those that take a nonce, and those of the notice need the launch lock.
 */
public interface MarkerStore {

    /** The identity of the profile directory itself; a copy of the directory has another. */
    Observation<String> profileIdentity();

    /** Reads the marker, claimed or not, and changes nothing. */
    MarkerReading peek();

    /**
     * Takes the marker for this launch by an atomic rename, so that no other launch can use it; a claim that a launcher
     * left behind by dying is adopted when there is no newer marker. A marker that is not ours or not whole stays where it
     * is.
     */
    MarkerReading claim();

    /** Reads the claimed marker again; {@link MarkerReading.Absent} if the consent was withdrawn. */
    MarkerReading readClaim();

    /**
     * Notes that the process is about to be asked to end, by an atomic rename of the claim, so that no launch that adopts it
     * asks a second time, and reads the claim again. A consent that was withdrawn meanwhile stays withdrawn.
     *
     * @return the claim; unless it is valid and noted, the process must not be asked
     * @throws RuntimeException if it cannot be noted
     */
    MarkerReading noteRequest();

    /** Ends the claim: the consent is used up. */
    void discardClaim();

    /**
     * Writes a marker atomically and durably, in place of any older one.
     *
     * @throws IOException if it cannot be written; nothing is left behind then
     */
    void write(ConsentMarker marker) throws IOException;

    /**
     * Takes a marker that was written here back, whether or not it is claimed already; another marker is not touched.
     * Launchers read the marker again before each signal. May be repeated.
     *
     * @param nonce the nonce of the marker that was written
     * @throws IOException unless it is gone for certain: if it cannot be deleted, or there is a file of which cannot be told
     *     whether it is this marker
     */
    void withdraw(String nonce) throws IOException;

    /**
     * How far launchers have come with a marker that was written here.
     *
     * @param nonce the nonce of that marker
     * @throws IOException if it cannot be told
     */
    ConsentStage stage(String nonce) throws IOException;

    /**
     * Takes a marker that was written here back, unless a launcher has come further with it: of this and the launcher's next
     * step exactly one succeeds.
     *
     * @param nonce the nonce of the marker that was written
     * @param last the last stage in which it is taken back
     * @return {@link ConsentStage#GONE} if it is gone for certain, or the later stage in which it was left
     * @throws IOException if neither is certain
     */
    ConsentStage withdrawUpTo(String nonce, ConsentStage last) throws IOException;

    /**
     * Says that a process is closing, in place of what was said before. It need not survive the boot.
     *
     * @throws IOException if it cannot be written; nothing is left behind then
     */
    void writeClosing(ClosingNotice notice) throws IOException;

    /** What was said last of a process that is closing. */
    Observation<ClosingNotice> closing();
}
