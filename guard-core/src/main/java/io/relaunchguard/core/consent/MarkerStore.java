package io.relaunchguard.core.consent;

import io.relaunchguard.core.Observation;
import java.io.IOException;

/** The port to the consent marker of one profile. All but {@link #peek}, {@link #write}
 * and {@link #withdraw} need the launch lock. */
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
}
