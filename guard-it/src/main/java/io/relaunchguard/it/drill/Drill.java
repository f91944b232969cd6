package io.relaunchguard.it.drill;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.it.drill.DrillReport.Result;
import io.relaunchguard.it.drill.DrillReport.Row;
import io.relaunchguard.it.page.RelayedLaunches;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The drill, which plays scenarios on a host, one after another. */
record Drill(DrillHost host, List<Scenario> scenarios) {

    private static final double NANOS_PER_SECOND = 1e9;

    static Drill ofThisHost() {
        DrillHost host = DrillHost.current();
        return new Drill(host, Scenario.all(host));
    }

    /** Returns the paths where a browser usually is. */
    List<Path> browsers() {
        return host.browsers();
    }

    /** Plays the scenarios whose names contain a text. Shows each of them, and prints its row. */
    DrillReport play(String only, @Nullable Path program, RelayedLaunches shown, PrintWriter out)
            throws InterruptedException, IOException {
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

    /** Returns why a scenario cannot be played here; empty if it can. */
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

    /** Returns how strong a pin is here, after pinning this very process and closing the pin. */
    private static String pin(Platform platform) {
        Observation<PinnedProcess> pin = platform.open(Path.of(""))
                .processes()
                .pin(ProcessHandle.current().pid());
        pin.toOptional().ifPresent(PinnedProcess::close);
        return pin instanceof Observation.Seen ? platform.pinning() : "none: " + pin.shortfall();
    }
}
