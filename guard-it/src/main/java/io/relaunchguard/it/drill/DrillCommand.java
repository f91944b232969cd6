package io.relaunchguard.it.drill;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.drill.DrillReport.Result;
import io.relaunchguard.it.drill.DrillReport.Row;
import io.relaunchguard.it.page.LifecyclePage;
import io.relaunchguard.it.page.PageOption;
import io.relaunchguard.it.page.RelayedLaunches;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Plays every scenario on this host and compares what is seen with what must be. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description = {
            "Plays the scenarios on this host with processes of its own, and prints what was expected and seen.",
            "It touches no process that it did not start."
        })
public final class DrillCommand implements Callable<Integer> {

    private static final double NANOS_PER_SECOND = 1e9;

    private final DrillHost host;
    private final List<Scenario> scenarios;

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

    /** The drill of this host. */
    public DrillCommand() {
        this(DrillHost.current(), Scenario.all(DrillHost.current()));
    }

    DrillCommand(DrillHost host, List<Scenario> scenarios) {
        this.host = host;
        this.scenarios = scenarios;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (browser != null && DrillBrowser.find(List.of(browser)).isEmpty()) {
            throw new ParameterException(spec.commandLine(), "there is no program %s".formatted(browser));
        }
        RelayedLaunches shown = new RelayedLaunches("Drill");
        try (LifecyclePage served = page.serve(shown)) {
            DrillReport report = play(shown);
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

    private DrillReport play(RelayedLaunches shown) throws InterruptedException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        Path program = noBrowser
                ? null
                : browser != null ? browser : DrillBrowser.find(host.browsers()).orElse(null);
        DrillReport report = new DrillReport(hostOf(program), new ArrayList<>());
        out.println(report.host());
        int width = scenarios.stream().mapToInt(s -> s.name().length()).max().orElse(0);
        for (Scenario scenario : scenarios) {
            if (scenario.name().contains(only)) {
                shown.subject("Drill: " + scenario.name());
                Row row = play(scenario, shown, program);
                report.rows().add(row);
                out.println(row.line(width));
                out.flush();
            }
        }
        out.println(report.total());
        out.flush();
        shown.subject("Drill: " + report.total());
        return report;
    }

    private Row play(Scenario scenario, RelayedLaunches shown, @Nullable Path program) throws InterruptedException {
        String obstacle = obstacle(scenario.need(), program);
        if (!obstacle.isEmpty()) {
            return new Row(scenario.name(), scenario.expected(), "not played: " + obstacle, Result.NOT_PLAYED, 0);
        }
        long before = System.nanoTime();
        String seen = seen(scenario, shown, program);
        return new Row(
                scenario.name(),
                scenario.expected(),
                seen,
                seen.equals(scenario.expected()) ? Result.OK : Result.DIFFERENT,
                (System.nanoTime() - before) / NANOS_PER_SECOND);
    }

    /** Why a scenario cannot be played here; empty if it can. */
    private String obstacle(Scenario.Need need, @Nullable Path program) {
        return switch (need) {
            case NOTHING -> "";
            case POSIX -> host.isPosix() ? "" : "there is no such thing on this system";
            case ROOT ->
                !host.isPosix()
                        ? "there is no such thing on this system"
                        : "root".equals(System.getProperty("user.name")) ? "" : "it can only be set up by root";
            case BROWSER -> program == null ? "there is no browser" : "";
            case HUNG_BROWSER ->
                program == null
                        ? "there is no browser"
                        : host.canHang() ? "" : "one thread of a process cannot be kept from running here";
        };
    }

    private static String seen(Scenario scenario, RelayedLaunches shown, @Nullable Path program)
            throws InterruptedException {
        try (Bench bench = new Bench(shown, program)) {
            Thread cleanUp = new Thread(bench::close, "drill-clean-up");
            Runtime.getRuntime().addShutdownHook(cleanUp);
            try {
                return scenario.play().on(bench);
            } finally {
                Runtime.getRuntime().removeShutdownHook(cleanUp);
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return "broke: " + e;
        }
    }

    private DrillReport.Host hostOf(@Nullable Path program) throws IOException, InterruptedException {
        return new DrillReport.Host(
                host.system(),
                System.getProperty("os.arch"),
                Runtime.version().toString(),
                pin(LaunchGuard.currentPlatform()),
                program == null ? "none" : DrillBrowser.describe(program, host.isPosix()));
    }

    /** How strong a pin is here: this very process is pinned, and let go. */
    private static String pin(Platform platform) {
        Observation<PinnedProcess> pin = platform.open(Path.of(""))
                .processes()
                .pin(ProcessHandle.current().pid());
        pin.toOptional().ifPresent(PinnedProcess::close);
        return pin instanceof Observation.Seen ? platform.pinning() : "none: " + pin.shortfall();
    }
}
