package io.relaunchguard.core.launch;

import java.io.UncheckedIOException;
import java.util.List;

/** The port to the small file that keeps one line for each launch on a profile, whichever process ran it. */
public interface HistoryStore {

    /**
     * Adds a line. A process that is killed meanwhile loses at most this line.
     *
     * @param line without a control character
     * @throws UncheckedIOException if it cannot be written
     */
    void append(String line);

    /**
     * The lines that are kept, oldest first; a line that was never finished is left out, and so is what cannot be decoded.
     *
     * @throws UncheckedIOException if they cannot be read
     */
    List<String> lines();
}
