package io.relaunchguard.it.benchmark;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs whole processes in turn, so that whatever else the machine does hits all alike. What they used is what the operating
 * system accounted for them and the children that they waited for, by time(1).
 */
final class WholeProcesses {

    private static final Path TIME = Path.of("/usr/bin/time");

    /** Something to run, and the exit code that says it did what it should. */
    record Variant(String name, List<String> command, int exitCode) {}

    /** What one kind of runs took. */
    record Usage(List<Double> wallMillis, List<Double> processorMillis, List<Double> peakMegabytes) {}

    /** Something that has to be done, or made, before each run. */
    interface Preparation {

        Preparation NONE = variant -> {};

        void before(Variant variant) throws IOException, InterruptedException;
    }

    private WholeProcesses() {}

    /** Runs each once to warm the machine's caches, then each in turn, this many rounds. */
    static Map<Variant, Usage> alternate(List<Variant> variants, int rounds, Preparation preparation)
            throws IOException, InterruptedException {
        Map<Variant, Usage> usages = new LinkedHashMap<>();
        for (Variant variant : variants) {
            usages.put(variant, new Usage(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
        }
        for (int round = 0; round <= rounds; round++) {
            for (Variant variant : variants) {
                preparation.before(variant);
                run(
                        variant,
                        round == 0
                                ? new Usage(new ArrayList<>(), new ArrayList<>(), new ArrayList<>())
                                : usages.get(variant));
            }
        }
        return usages;
    }

    private static void run(Variant variant, Usage usage) throws IOException, InterruptedException {
        Path accounts = Files.createTempFile("relaunch-guard-benchmark", ".txt");
        Path said = Files.createTempFile("relaunch-guard-benchmark", ".txt");
        try {
            List<String> command =
                    new ArrayList<>(List.of(TIME.toString(), "-q", "-o", accounts.toString(), "-f", "%U %S %M"));
            command.addAll(variant.command());
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.to(said.toFile()))
                    .start();
            if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != variant.exitCode()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                throw new IllegalStateException(
                        variant.name() + " did not end with " + variant.exitCode() + ": " + Files.readString(said));
            }
            usage.wallMillis().add((System.nanoTime() - start) / 1e6);
            String[] fields = Files.readString(accounts).trim().split(" ", -1);
            usage.processorMillis().add(1000 * (Double.parseDouble(fields[0]) + Double.parseDouble(fields[1])));
            usage.peakMegabytes().add(Double.parseDouble(fields[2]) / 1024);
        } finally {
            Files.delete(accounts);
            Files.delete(said);
        }
    }
}
