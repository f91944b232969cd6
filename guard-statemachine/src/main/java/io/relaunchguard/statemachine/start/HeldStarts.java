package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.LaunchHeldException;
import io.relaunchguard.statemachine.start.LaunchHeldHandler.Decision;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** What becomes of a start whose launch was HELD: it is handed to the running instance, or a person is asked. */
final class HeldStarts {

    private static final Log logger = LogFactory.getLog(HeldStarts.class);

    private final ProfilePorts ports;
    private final RelaunchGuardProperties properties;
    private final SecondStart start;
    private final List<LaunchHeldHandler> handlers;

    HeldStarts(
            ProfilePorts ports,
            RelaunchGuardProperties properties,
            String[] arguments,
            List<LaunchHeldHandler> handlers) {
        this.ports = ports;
        this.properties = properties;
        this.start =
                new SecondStart(List.of(arguments), Path.of("").toAbsolutePath().toString());
        this.handlers = handlers;
    }

    /** Whether the launch is to be run once more. Does not return if the running instance has taken over: the process ends. */
    boolean isToBeTriedAgain(LaunchHeldException held) {
        HeldStart launch = new HeldStart(ports, held.report(), start, properties);
        if (properties.secondStart().enabled() && held.report().isSecondStart()) {
            HandOver result = launch.handOver();
            if (result instanceof HandOver.Accepted) {
                exit();
            }
            logger.warn("The running instance has not taken over this start: " + sentence(result));
        }
        for (LaunchHeldHandler handler : handlers) {
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

    private static Decision ask(LaunchHeldHandler handler, HeldLaunch launch) {
        try {
            return handler.held(launch);
        } catch (RuntimeException | LinkageError e) {
            logger.warn("The user could not be told that the launch was held", e);
            return Decision.QUIT;
        }
    }

    /** Spring Boot has no way to end a start well: an exception, with exit code 0 too, makes it a failure. */
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
        return result instanceof HandOver.Refused refused ? refused.reason() : ((HandOver.Nobody) result).reason();
    }
}
