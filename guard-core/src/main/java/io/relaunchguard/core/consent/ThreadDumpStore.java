package io.relaunchguard.core.consent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The port to what the threads of outgoing processes were doing when their watchdogs ended them. The last three are kept in the
 * profile.
 */
public interface ThreadDumpStore {

    /**
     * Keeps a thread dump.
     *
     * @param nonce that of the process's consent
     * @throws IOException if it cannot be written; nothing is left behind then
     */
    void write(String nonce, String dump) throws IOException;

    /**
     * The thread dump of the process that gave a consent; empty if there is none.
     *
     * @param nonce that of the consent
     */
    Optional<Path> find(String nonce);
}
