package io.relaunchguard.it.drill;

import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.page.LifecyclePage;
import io.relaunchguard.it.page.PageOption;
import io.relaunchguard.it.page.RelayedLaunches;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Plays every scenario on this host and compares what is seen with what must be. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description =
                "Plays the scenarios on this host with processes of its own, and prints what was expected and seen.")
public final class DrillCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private PageOption page = new PageOption();

    @Override
    public Integer call() throws InterruptedException, IOException {
        RelayedLaunches shown = new RelayedLaunches("Drill");
        try (LifecyclePage served = page.serve(shown)) {
            int exitCode = play(shown);
            if (served != null) {
                spec.commandLine().getErr().println("The page stays until you press Enter.");
                var unused = System.in.read();
            }
            return exitCode;
        }
    }

    private int play(RelayedLaunches shown) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<Scenario> scenarios = Scenario.all();
        int width = scenarios.stream().mapToInt(s -> s.name().length()).max().orElse(0);
        out.println("Relaunch Guard drill on %s %s, %s, JDK %s"
                .formatted(
                        LaunchGuard.currentPlatform().name(),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        Runtime.version()));
        int differences = 0;
        int played = 0;
        for (Scenario scenario : scenarios) {
            if (scenario.needsRoot() && !"root".equals(System.getProperty("user.name"))) {
                out.println(
                        "  --    %s  not played: it can only be set up by root".formatted(pad(scenario.name(), width)));
                continue;
            }
            shown.subject("Drill: " + scenario.name());
            long before = System.nanoTime();
            String seen = play(scenario, shown);
            boolean same = seen.equals(scenario.expected());
            played++;
            differences += same ? 0 : 1;
            out.println(String.format(
                    Locale.ROOT,
                    "  %s  %s  %5.1f s  %s%s",
                    same ? "ok  " : "DIFF",
                    pad(scenario.name(), width),
                    (System.nanoTime() - before) / 1e9,
                    seen,
                    same ? "" : "   expected: " + scenario.expected()));
            out.flush();
        }
        String total = "%d scenarios played, %d different".formatted(played, differences);
        out.println(total);
        out.flush();
        shown.subject("Drill: " + total);
        return differences == 0 ? ExitCodes.READY : ExitCodes.DIFFERENCE;
    }

    private static String play(Scenario scenario, RelayedLaunches shown) throws InterruptedException {
        try (Bench bench = new Bench(shown)) {
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

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
