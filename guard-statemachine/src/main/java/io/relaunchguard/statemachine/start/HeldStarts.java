package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.secondstart.Desktop;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.LaunchHeldException;
import io.relaunchguard.statemachine.start.HeldHandler.Decision;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** The handling of a start whose launch was HELD: it is handed to the running instance, or a user decides. */
final class HeldStarts {

    /**
     * The number of times that the end of an instance that was closing leads to another launch, before a user is asked.
     */
    private static final int MOST_ENDS = 3;

    private static final Log logger = LogFactory.getLog(HeldStarts.class);

    private final ProfilePorts ports;
    private final RelaunchGuardProperties properties;
    private final SecondStart start;
    private final List<HeldHandler> handlers;
    private final List<LaunchListener> listeners;
    private int endsAwaited;

    HeldStarts(
            ProfilePorts ports,
            RelaunchGuardProperties properties,
            String[] arguments,
            List<HeldHandler> handlers,
            List<LaunchListener> listeners) {
        this.ports = ports;
        this.properties = properties;
        this.start = new SecondStart(
                List.of(arguments), Path.of("").toAbsolutePath().toString(), Desktop.of(System.getenv()), Map.of());
        this.handlers = handlers;
        this.listeners = listeners;
    }

    /**
     * Returns whether the launch is to be run once more. Does not return if the running instance has taken over: the
     * process ends.
     */
    boolean isToBeTriedAgain(LaunchHeldException held) {
        HeldStart launch = new HeldStart(ports, held.report(), start, properties, listeners);
        if (properties.secondStart().enabled() && held.report().mayBeHandedOver()) {
            HandOver result = launch.handOver();
            if (result instanceof HandOver.Accepted) {
                exit();
            }
            boolean hasLetGo = result instanceof HandOver.Closing closing ? closing.ended() : launch.hasHolderEnded();
            if (hasLetGo && endsAwaited++ < MOST_ENDS) {
                logger.info("The running instance has let go; the launch is run once more");
                return true;
            }
            logger.warn("The running instance has not taken over this start: " + sentence(result));
        }
        for (HeldHandler handler : handlers) {
            switch (ask(handler, launch)) {
                case TRY_AGAIN -> {
                    return true;
                }
                case HANDED_OVER -> exit();
                case QUIT -> {}
            }
        }
        return false;
    }

    private static Decision ask(HeldHandler handler, HeldLaunch launch) {
        try {
            return Objects.requireNonNull(handler.held(launch), "it has made no decision");
        } catch (Throwable t) {
            // AWTError, for example, is neither an exception nor a linkage error.
            logger.warn("The user could not be told that the launch was held", t);
            return Decision.QUIT;
        }
    }

    /**
     * Ends the process. Spring Boot has no way to end a start well: it takes an exception as a failure, even with exit
     * code 0.
     */
    private static void exit() {
        logger.info("The running instance has taken over this start");
        System.exit(0);
    }

    private static String sentence(HandOver result) {
        if (result instanceof HandOver.Unanswered unanswered) {
            return (unanswered.received()
                            ? "it has read it, but its user interface is slow or hangs"
                            : "its process is slow or hangs")
                    + " (" + unanswered.detail() + ")";
        }
        if (result instanceof HandOver.NotAsked notAsked) {
            return "it could not be asked: " + notAsked.reason();
        }
        if (result instanceof HandOver.Starting) {
            return "it is still starting";
        }
        if (result instanceof HandOver.Closing) {
            return "it is still closing";
        }
        if (result instanceof HandOver.Elsewhere elsewhere) {
            return elsewhere.reason();
        }
        return result instanceof HandOver.Refused refused ? refused.reason() : ((HandOver.Nobody) result).reason();
    }
}
