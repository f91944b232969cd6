package io.relaunchguard.it.cli;

import io.relaunchguard.core.PrintableText;
import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that says what a launch would see and judge now. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Dry run: the facts, each predicate and the verdict. Changes nothing, consumes nothing, sends no signal.")
public final class ExplainCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ProfileOption profile = new ProfileOption();

    @Option(names = "--json", description = "Print one JSON object, and nothing else, on standard output.")
    private boolean json;

    @Override
    public Integer call() {
        DryRun dryRun = LaunchGuard.forProfile(profile.directory()).explain();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.of(dryRun));
            return ExitCodes.READY;
        }
        Json.Cache cache = Json.cache(dryRun.cache());
        out.println("Cache:   %s (%s)".formatted(cache.status(), PrintableText.of(cache.detail())));
        out.println("Verdict: "
                + (dryRun.verdict() instanceof Verdict.Spare spare
                        ? "spare, because " + PrintableText.of(spare.reason().detail())
                        : "reap: the holder has consented; a launch would give it its grace period first"));
        out.println();
        for (PredicateResult result : dryRun.verdict().results()) {
            out.println("  %-7s  %-26s %s"
                    .formatted(result.result(), result.predicate().id(), PrintableText.of(result.detail())));
        }
        LaunchGuard.currentPlatform()
                .startHindrance()
                .ifPresent(reason -> out.println(
                        "%nHandoff: no successor can be started here, because %s".formatted(PrintableText.of(reason))));
        return ExitCodes.READY;
    }
}
