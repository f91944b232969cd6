package io.relaunchguard.core.consent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The port to the thread dumps of outgoing processes that their watchdogs ended. The profile keeps the last three. */
public interface ThreadDumpStore {

    /**
     * Writes a thread dump.
     *
     * @param nonce the nonce of the consent of the process
     * @throws IOException if the dump cannot be written; no partial file remains then
     */
    void write(String nonce, String dump) throws IOException;

    /**
     * Returns the thread dump of the process that gave a consent; empty if there is none.
     *
     * @param nonce the nonce of that consent
     */
    Optional<Path> find(String nonce);
}
