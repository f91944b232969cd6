package io.relaunchguard.it.benchmark;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.jcef.JcefDesktop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * From the start of the new version beside an old one that has consented and whose browser's thread is blocked for ever, until
 * the new one's page is loaded.
 */
final class Takeover {

    private static final String BENCHMARK = "takeover of a wedged JCEF";

    private final Results results;
    private final int rounds;
    private final List<Double> fresh = new ArrayList<>();
    private final List<Double> bare = new ArrayList<>();
    private final List<Double> guarded = new ArrayList<>();

    Takeover(Results results, int rounds) {
        this.results = results;
        this.rounds = rounds;
    }

    void measure() throws IOException {
        for (int round = 0; round < rounds; round++) {
            take(false, bare);
            take(true, guarded);
        }
        results.add(BENCHMARK, "the launcher without the guard", "ms", Samples.of(bare));
        results.add(BENCHMARK, "the launcher with the guard", "ms", Samples.of(guarded));
        results.add(BENCHMARK, "the launcher with the guard, on a new profile", "ms", Samples.of(fresh));
    }

    private void take(boolean withGuard, List<Double> millis) throws IOException {
        try (JcefDesktop desktop = new JcefDesktop()) {
            ProcessHandle old = timed(desktop, true, fresh);
            desktop.mark(old);
            desktop.title("block the browser's thread");
            desktop.awaitSaid(old, "blocks");
            ProcessHandle successor = timed(desktop, withGuard, millis);
            if (successor.equals(old) || Sandbox.isAlive(old.pid())) {
                throw new IllegalStateException("The old version is still there");
            }
        }
    }

    private static ProcessHandle timed(JcefDesktop desktop, boolean withGuard, List<Double> millis) throws IOException {
        long start = System.nanoTime();
        desktop.start("--relaunch-guard.enabled=" + withGuard);
        ProcessHandle launcher = desktop.awaitVisit();
        millis.add((System.nanoTime() - start) / 1e6);
        return launcher;
    }
}
