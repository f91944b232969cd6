package io.relaunchguard.it.benchmark;

import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** From the start of the new version beside an old browser that has stopped and consented, until the new one answers. */
final class Takeover {

    private static final String BENCHMARK = "takeover of a wedged browser";

    private final Results results;
    private final int rounds;

    Takeover(Results results, int rounds) {
        this.results = results;
        this.rounds = rounds;
    }

    void measure() throws IOException, InterruptedException {
        List<Double> bare = new ArrayList<>();
        List<Double> guarded = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            bare.add(take(false));
            guarded.add(take(true));
        }
        results.add(BENCHMARK, "Chromium by itself", "ms", Samples.of(bare));
        results.add(BENCHMARK, "the guard, then Chromium", "ms", Samples.of(guarded));
    }

    private static double take(boolean guarded) throws IOException, InterruptedException {
        try (Sandbox sandbox = new Sandbox()) {
            Chromium old = Chromium.start(sandbox, "old");
            new Cli(sandbox).mark(old.pid());
            sandbox.stop(old.handle());
            Files.delete(sandbox.profile().resolve("DevToolsActivePort"));
            List<String> command =
                    guarded ? Cli.command("launch", "--profile=" + sandbox.profile(), "--") : new ArrayList<>();
            command.addAll(Chromium.command(sandbox.profile()));
            long start = System.nanoTime();
            Process process = sandbox.start("new", command);
            while (!Chromium.answersDevTools(sandbox.profile())) {
                if (!process.isAlive()) {
                    throw new IllegalStateException(sandbox.output("new.err"));
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
            double taken = (System.nanoTime() - start) / 1e6;
            sandbox.adoptTree(process.toHandle());
            return taken;
        }
    }
}
