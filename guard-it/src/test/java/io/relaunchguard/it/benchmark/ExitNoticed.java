package io.relaunchguard.it.benchmark;

import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** From SIGKILL to a process that is nobody's child here, until its end has been noticed by a thread that waits for it. */
final class ExitNoticed {

    private static final String BENCHMARK = "exit noticed";
    private static final long LOOP_MILLIS = 100;

    private final Results results;
    private final Path directory;
    private final int samples;
    private final Random random = new Random(1);

    ExitNoticed(Results results, Path directory, int samples) {
        this.results = results;
        this.directory = directory;
        this.samples = samples;
    }

    /** A way to wait for the end of a process: the time, by {@link System#nanoTime}, at which it was noticed. */
    private interface Waiting {

        CompletableFuture<Long> begin(Orphan orphan);
    }

    void measure() throws IOException, InterruptedException, ExecutionException {
        results.add(BENCHMARK, "poll(2) on a pidfd, in C", "ms", limit());
        results.add(BENCHMARK, "the guard's pin", "ms", sample(ExitNoticed::byThePin, samples));
        // Slow ones need fewer.
        results.add(BENCHMARK, "ProcessHandle.onExit", "ms", sample(ExitNoticed::byProcessHandle, samples / 4));
        results.add(BENCHMARK, "a loop of 100 ms", "ms", sample(ExitNoticed::byALoop, samples / 4));
    }

    private Samples sample(Waiting waiting, int count) throws IOException, InterruptedException, ExecutionException {
        List<Double> millis = new ArrayList<>();
        for (int i = -5; i < count; i++) {
            try (Orphan orphan = Orphan.start()) {
                CompletableFuture<Long> noticed = waiting.begin(orphan);
                // A loop is hit anywhere, not only where it begins.
                TimeUnit.MILLISECONDS.sleep(random.nextLong(LOOP_MILLIS));
                long killed = System.nanoTime();
                orphan.kill();
                double taken = (noticed.get() - killed) / 1e6;
                if (i >= 0) {
                    millis.add(taken);
                }
            }
        }
        return Samples.of(millis);
    }

    private static CompletableFuture<Long> byThePin(Orphan orphan) {
        CompletableFuture<Long> noticed = new CompletableFuture<>();
        PinnedProcess pinned = LaunchGuard.currentPlatform()
                .open(Path.of("/nonexistent"))
                .processes()
                .pin(orphan.pid())
                .toOptional()
                .orElseThrow();
        pinned.onExit(() -> noticed.complete(System.nanoTime()));
        return noticed.whenComplete((at, fault) -> pinned.close());
    }

    private static CompletableFuture<Long> byProcessHandle(Orphan orphan) {
        return orphan.handle().onExit().thenApply(ended -> System.nanoTime());
    }

    private static CompletableFuture<Long> byALoop(Orphan orphan) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                while (orphan.handle().isAlive()) {
                    TimeUnit.MILLISECONDS.sleep(LOOP_MILLIS);
                }
                return System.nanoTime();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** The same, as near to the kernel as a program gets. */
    private Samples limit() throws IOException, InterruptedException {
        Path source = directory.resolve("exit_noticed.c");
        Path program = directory.resolve("exit_noticed");
        try (InputStream text = ExitNoticed.class.getResourceAsStream("exit_noticed.c")) {
            Files.copy(text, source, StandardCopyOption.REPLACE_EXISTING);
        }
        run(List.of("cc", "-O2", "-Wall", "-Werror", "-pthread", "-o", program.toString(), source.toString()));
        return Samples.of(run(List.of(program.toString(), Integer.toString(samples)))
                .lines()
                .map(Double::valueOf)
                .toList());
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
        return said;
    }
}
