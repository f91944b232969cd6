package io.relaunchguard.statemachine;

import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.ProcessIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The writer of this process's own closing notice. It never throws: without the notice, launchers wait no longer than
 * they do otherwise.
 */
final class ClosingWriter {

    private static final Log logger = LogFactory.getLog(ClosingWriter.class);

    private ClosingWriter() {}

    /**
     * Writes the closing notice.
     *
     * @param atMost how long from now this process may take to end
     */
    static void write(ProfilePorts ports, Duration atMost) {
        try {
            long pid = ports.host().read().pid();
            Optional<String> start =
                    ports.processes().look(pid).map(ProcessIdentity::start).toOptional();
            Optional<String> boot = ports.host().read().bootId().toOptional();
            Optional<Duration> now = ports.clock().sinceBoot().toOptional();
            if (start.isPresent() && boot.isPresent() && now.isPresent()) {
                ports.markers()
                        .writeClosing(new ClosingNotice(
                                pid, start.get(), boot.get(), now.get().plus(atMost)));
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            logger.debug("Starts are not told that this process is closing", e);
        }
    }
}
