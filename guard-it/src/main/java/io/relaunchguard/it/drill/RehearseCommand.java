package io.relaunchguard.it.drill;

import io.relaunchguard.core.PrintableText;
import io.relaunchguard.it.cli.Application;
import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.page.RelayedLaunches;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command that lets an application take a profile over from a wedged instance, which it starts itself. */
@Command(
        name = "rehearse",
        mixinStandardHelpOptions = true,
        description = {
            "Runs CMD on a profile of its own, held by a process that has consented to end and ignores every request.",
            "It shows a takeover by your application, or trains an archive of classes by one.",
            "It touches no process that it did not start, and leaves nothing behind."
        })
public final class RehearseCommand implements Callable<Integer> {

    private static final String PROFILE = "{profile}";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "CMD",
            arity = "1..*",
            description = "The application and its arguments, after \"--\". " + PROFILE + " stands for the profile.")
    private List<String> command = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (command.stream().noneMatch(argument -> argument.contains(PROFILE))) {
            throw new ParameterException(
                    spec.commandLine(), "CMD must say %s where it takes the profile directory.".formatted(PROFILE));
        }
        Application.obstacle(command.get(0)).ifPresent(reason -> {
            throw new ParameterException(
                    spec.commandLine(),
                    "\"%s\" cannot be started: %s.".formatted(PrintableText.of(command.get(0)), reason));
        });
        try (Bench bench = new Bench(new RelayedLaunches("Rehearsal"), null)) {
            String profile = bench.profile().toString();
            Application application = new Application(
                    command.stream()
                            .map(argument -> argument.replace(PROFILE, profile))
                            .toList(),
                    false);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                application.end();
                                bench.close();
                            },
                            "rehearsal-clean-up"));
            bench.consent(bench.hold(Behaviour.IGNORES_TERM));
            return outcome(application.run(process -> {}, () -> {}), bench);
        }
    }

    private int outcome(int exitCode, Bench bench) {
        if (exitCode == ExitCodes.READY && bench.holdersAreAlive()) {
            spec.commandLine()
                    .getErr()
                    .println("CMD has ended, but it took nothing over: the instance that held the profile still runs."
                            + " Did CMD launch on %s, with the guard on?".formatted(PROFILE));
            return ExitCodes.DIFFERENCE;
        }
        return exitCode;
    }
}
