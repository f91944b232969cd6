package io.relaunchguard.it.drill;

import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.drill.DrillReport.Result;
import io.relaunchguard.it.page.LifecyclePage;
import io.relaunchguard.it.page.PageOption;
import io.relaunchguard.it.page.RelayedLaunches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that plays every scenario on this host and compares what is seen with what must be seen. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description = {
            "Plays the scenarios on this host with processes of its own, and prints what was expected and seen.",
            "It touches no process that it did not start."
        })
public final class DrillCommand implements Callable<Integer> {

    /**
     * The source of the drill. It makes the drill only when this command is called, because every run of the program
     * creates this object.
     */
    private final Supplier<Drill> drill;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private PageOption page = new PageOption();

    @Option(names = "--browser", paramLabel = "PATH", description = "Chromium, or another browser made of it.")
    private @Nullable Path browser;

    @Option(names = "--no-browser", description = "Leaves out what takes a browser.")
    private boolean noBrowser;

    @Option(names = "--only", paramLabel = "TEXT", description = "Plays the scenarios whose names have this in them.")
    private String only = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the table there as JSON, too.")
    private @Nullable Path json;

    @Option(names = "--junit-xml", paramLabel = "FILE", description = "Writes the table there as JUnit does, too.")
    private @Nullable Path junitXml;

    /** Creates the command with the drill of this host. */
    public DrillCommand() {
        this(Drill::ofThisHost);
    }

    DrillCommand(Supplier<Drill> drill) {
        this.drill = drill;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (browser != null && DrillBrowser.find(List.of(browser)).isEmpty()) {
            throw new ParameterException(spec.commandLine(), "there is no program %s".formatted(browser));
        }
        RelayedLaunches shown = new RelayedLaunches("Drill");
        try (LifecyclePage served = page.serve(shown)) {
            DrillReport report = play(drill.get(), shown);
            if (json != null) {
                report.writeJson(json);
            }
            if (junitXml != null) {
                report.writeJunitXml(junitXml);
            }
            if (served != null) {
                spec.commandLine().getErr().println("The page stays until you press Enter.");
                var unused = System.in.read();
            }
            return report.count(Result.DIFFERENT) == 0 ? ExitCodes.READY : ExitCodes.DIFFERENCE;
        }
    }

    private DrillReport play(Drill played, RelayedLaunches shown) throws InterruptedException, IOException {
        Path program = noBrowser
                ? null
                : browser != null
                        ? browser
                        : DrillBrowser.find(played.browsers()).orElse(null);
        return played.play(only, program, shown, spec.commandLine().getOut());
    }
}
