package io.relaunchguard.it.page;

import io.relaunchguard.statemachine.page.PageData;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a command that decide whether it shows its launches in a page, and on which port. */
public final class PageOption {

    private static final int FREE_PORT = 0;
    private static final int HIGHEST_PORT = 65_535;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--page",
            arity = "0..1",
            paramLabel = "PORT",
            fallbackValue = "" + FREE_PORT,
            description = "Show the lifecycle live in a page for a browser on this machine; by default on a free port.")
    private @Nullable Long port;

    /**
     * Starts the page and prints its address to standard error. Returns null if the user wants no page, or if it cannot
     * be served. The command then prints that too, and does what the page would have shown.
     */
    public @Nullable LifecyclePage serve(PageData data) {
        if (port == null) {
            return null;
        }
        if (port < 0 || port > HIGHEST_PORT) {
            throw new ParameterException(command.commandLine(), "%d is not a port.".formatted(port));
        }
        PrintWriter err = command.commandLine().getErr();
        try {
            LifecyclePage page = LifecyclePage.start(port.intValue(), data);
            err.println("The lifecycle is shown at " + page.url());
            return page;
        } catch (RuntimeException | LinkageError e) {
            err.println("The page cannot be served on port %d, so there is none: %s.".formatted(port, message(e)));
            return null;
        }
    }

    private static @Nullable String message(Throwable fault) {
        return NestedExceptionUtils.getMostSpecificCause(fault).getMessage();
    }
}
