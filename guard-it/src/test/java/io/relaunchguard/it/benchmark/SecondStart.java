package io.relaunchguard.it.benchmark;

import io.relaunchguard.it.benchmark.WholeProcesses.Preparation;
import io.relaunchguard.it.benchmark.WholeProcesses.Variant;
import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.util.List;

/** A start on a profile that a healthy browser holds: until it has said so and ended. */
final class SecondStart {

    /** What a headless Chromium ends with where another one has the profile. */
    private static final int PROFILE_IN_USE = 21;

    private final Results results;
    private final int rounds;

    SecondStart(Results results, int rounds) {
        this.results = results;
        this.rounds = rounds;
    }

    void measure() throws IOException, InterruptedException {
        try (Sandbox sandbox = new Sandbox()) {
            Chromium.start(sandbox, "holder");
            Variant bare = new Variant("Chromium by itself", Chromium.command(sandbox.profile()), PROFILE_IN_USE);
            Variant guarded =
                    new Variant("the guard", new Cli(sandbox).jar("launch", "--profile=" + sandbox.profile()), 3);
            WholeProcesses.alternate(List.of(bare, guarded), rounds, Preparation.NONE)
                    .forEach((variant, usage) -> results.add(
                            "second start beside a healthy browser",
                            variant.name(),
                            "ms",
                            Samples.of(usage.wallMillis())));
        }
    }
}
