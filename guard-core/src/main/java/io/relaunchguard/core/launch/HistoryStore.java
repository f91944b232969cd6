package io.relaunchguard.core.launch;

import java.io.UncheckedIOException;
import java.util.List;

/** The port to the small file that keeps one line for each launch on a profile, whichever process ran it. */
public interface HistoryStore {

    /**
     * Appends a line. If the process is killed meanwhile, at most this line is lost.
     *
     * @param line a line without control characters
     * @throws UncheckedIOException if the line cannot be written
     */
    void append(String line);

    /**
     * Returns the lines, oldest first, without incomplete lines and without those that cannot be decoded.
     *
     * @throws UncheckedIOException if the lines cannot be read
     */
    List<String> lines();
}
