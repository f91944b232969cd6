package io.relaunchguard.it.cli;

import io.relaunchguard.core.PrintableText;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.LaunchResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the lifecycle and, when it ends READY, the application. A subclass may show the launch while it runs. */
@Command(
        name = "launch",
        mixinStandardHelpOptions = true,
        description = "Runs the launch lifecycle; when the profile is free, starts CMD and ends with its exit code.")
public class LaunchCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ProfileOption profile = new ProfileOption();

    @Mixin
    private PolicyOptions policy = new PolicyOptions();

    @Option(
            names = "--running-version",
            paramLabel = "V",
            defaultValue = "",
            description = "The version of the application that is started, to say whether an update has taken effect.")
    private String runningVersion = "";

    @Option(names = "--progress", description = "Say on standard error which state is entered.")
    private boolean progress;

    @Option(
            names = "--json",
            description = "Print the report as one JSON object, and nothing else, on standard output.")
    private boolean json;

    @Parameters(paramLabel = "CMD", arity = "0..*", description = "The application and its arguments, after \"--\".")
    private List<String> command = List.of();

    /** What shows a launch while it runs. Closing it never throws: the launch has its result already. */
    public interface Display extends AutoCloseable {

        /** Shows it until the process is asked to end. */
        void keep() throws InterruptedException;

        @Override
        void close();
    }

    /** Shows what is seen of the launch on this profile, or returns null if nothing shows it. */
    protected @Nullable Display show(Path directory, ProfilePorts ports, LaunchProgress seen) {
        return null;
    }

    @Override
    public final Integer call() throws Exception {
        requireStartable();
        Path directory = profile.directory();
        ProfilePorts ports = LaunchGuard.currentPlatform().open(directory);
        LaunchProgress seen = new LaunchProgress();
        LaunchGuard guard = LaunchGuard.on(ports)
                .withPolicy(policy.policy())
                .withVersion(runningVersion)
                .withListener(seen);
        try (Display display = show(directory, ports, seen)) {
            LaunchResult result = (progress ? guard.withListener(new Progress()) : guard).launch();
            print(result.report());
            int exitCode = finish(result);
            if (display != null && command.isEmpty()) {
                display.keep();
            }
            return exitCode;
        }
    }

    /** Before anything ends for the sake of CMD. */
    private void requireStartable() {
        if (!command.isEmpty()) {
            Application.obstacle(command.get(0)).ifPresent(reason -> {
                throw new ParameterException(
                        spec.commandLine(),
                        "\"%s\" cannot be started: %s. Nothing was changed."
                                .formatted(PrintableText.of(command.get(0)), reason));
            });
        }
    }

    private int finish(LaunchResult result) throws InterruptedException {
        if (result instanceof LaunchResult.Permitted permitted) {
            try (LaunchPermit permit = permitted.permit()) {
                return command.isEmpty() ? ExitCodes.READY : new Application(command, json).run(permit);
            }
        }
        return ExitCodes.of(result.report().outcome());
    }

    private void print(LaunchReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.of(report));
            out.flush();
            return;
        }
        out.println(report.outcome() + ": " + PrintableText.of(report.summary()));
        for (SentSignal signal : report.signals()) {
            out.println("  sent SIG%s to process %d: %s".formatted(signal.signal(), signal.pid(), signal.result()));
        }
        if (!(report.update() instanceof UpdateEffect.None)) {
            out.println(PrintableText.of(report.update().sentence()));
        }
        if (!report.advice().isEmpty()) {
            out.println(PrintableText.of(report.advice()));
        }
    }

    private final class Progress implements LaunchListener {

        @Override
        public void entered(LifecycleState state) {
            spec.commandLine().getErr().println("%s: %s".formatted(state, state.description()));
        }
    }
}
