package io.relaunchguard.statemachine.history;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Leaves a line in the history as soon as a launch does not end at once, so that the launch is counted even if it is killed. A
 * launch on a free profile is over by then, and leaves only the line of its end. Like the rest of the history it is a
 * convenience: whatever breaks here is logged and changes no launch. Thread-safe.
 */
public final class BegunLaunch implements LaunchListener {

    private static final Log logger = LogFactory.getLog(BegunLaunch.class);

    /** How long a launch waits for a file system that does not answer. */
    private static final long MOST_WAITED_MILLIS = 1000;

    private final LaunchHistory history;
    private final ProfilePorts ports;
    private @Nullable Begun begun;
    private boolean hasEnded;

    private record Begun(String launch, LaunchHistory.PendingLine line) {}

    /** A launch on these ports that is about to begin. */
    public BegunLaunch(LaunchHistory history, ProfilePorts ports) {
        this.history = history;
        this.ports = ports;
    }

    @Override
    public void entered(LifecycleState state) {
        if (state == LifecycleTable.INITIAL || state.isEnd() || isOver()) {
            return;
        }
        known().flatMap(this::begin).ifPresent(line -> line.await(MOST_WAITED_MILLIS));
    }

    private synchronized boolean isOver() {
        return begun != null || hasEnded;
    }

    /** The line; empty if there is one, or the launch was given up meanwhile: then it would make a launch of its own. */
    private synchronized Optional<LaunchHistory.PendingLine> begin(Beginning known) {
        if (isOver()) {
            return Optional.empty();
        }
        LaunchHistory.PendingLine line = history.append(known);
        begun = new Begun(known.launch(), line);
        return Optional.of(line);
    }

    private Optional<Beginning> known() {
        try {
            return Beginning.of(UUID.randomUUID().toString(), ports.host(), ports.processes());
        } catch (RuntimeException | LinkageError e) {
            logger.debug("If this launch is killed, it is not counted", e);
            return Optional.empty();
        }
    }

    /** Remembers how it ended, as {@link LaunchHistory#append(LaunchReport)} does. */
    public synchronized LaunchHistory.PendingLine append(LaunchReport report) {
        hasEnded = true;
        return begun == null ? history.append(report) : history.append(report, begun.launch(), begun.line());
    }
}
