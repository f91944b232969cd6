package io.relaunchguard.it.benchmark;

import io.relaunchguard.it.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Measures, and writes results.md and results.json. */
@Command(name = "benchmarks", mixinStandardHelpOptions = true, description = "Measures what the guard costs and gains.")
public final class Benchmarks implements Callable<Integer> {

    private enum Kind {
        TAKEOVER,
        EXIT_NOTICED,
        NORMAL_LAUNCH,
        SECOND_START,
        HOST_GROWS,
        WARM_LAUNCH,
        LEFTOVERS,
        FLEET
    }

    @Option(names = "--out", required = true, description = "Directory for the results.")
    private Path out;

    @Option(names = "--jdk", split = ",", description = "JDKs for normal launches; by default this one.")
    private List<Path> jdks = List.of(Path.of(System.getProperty("java.home")));

    @Option(names = "--rounds", description = "Runs of each whole process; by default ${DEFAULT-VALUE}.")
    private int rounds = 15;

    @Option(names = "--only", split = ",", description = "Some of ${COMPLETION-CANDIDATES}.")
    private Set<Kind> kinds = EnumSet.allOf(Kind.class);

    private Results results;

    private Benchmarks() {}

    /** Runs it and ends the JVM. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmarks())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        results = new Results(Machine.here());
        Files.createDirectories(out);
        for (Kind kind : kinds) {
            measure(kind);
        }
        results.write(out);
        return 0;
    }

    private void measure(Kind kind) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            switch (kind) {
                case TAKEOVER -> new Takeover(results, Math.max(3, rounds / 3)).measure();
                case EXIT_NOTICED -> new ExitNoticed(results, sandbox.root(), 20 * rounds).measure();
                case NORMAL_LAUNCH -> {
                    for (Path jdk : jdks) {
                        new NormalLaunch(results, sandbox.root(), rounds).measure(Jdk.at(jdk));
                    }
                }
                case SECOND_START -> new SecondStart(results, rounds).measure();
                case HOST_GROWS -> inside(HostGrows.class);
                case WARM_LAUNCH -> inside(WarmLaunch.class);
                case LEFTOVERS -> leftovers(sandbox);
                case FLEET -> new Fleet(results).measure();
            }
        }
    }

    private void inside(Class<?> benchmark) throws RunnerException {
        Collection<RunResult> runs = new Runner(new OptionsBuilder()
                        .include(benchmark.getName() + "\\.")
                        .jvmArgs(Jdk.current().nativeAccess().toArray(String[]::new))
                        .shouldFailOnError(true)
                        .build())
                .run();
        for (RunResult run : runs) {
            String load = run.getParams().getParamsKeys().isEmpty()
                    ? ""
                    : run.getParams().getParam("load");
            results.add(
                    benchmark.getSimpleName() + "." + run.getPrimaryResult().getLabel(),
                    load,
                    "ms",
                    Samples.of(run.getAggregatedResult().getIterationResults().stream()
                            .map(iteration -> iteration.getPrimaryResult().getScore())
                            .toList()));
        }
    }

    private void leftovers(Sandbox sandbox) throws Exception {
        Jdk jdk = Jdk.current();
        List<String> command = new ArrayList<>(List.of(jdk.java()));
        command.addAll(jdk.nativeAccess());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Leftovers.class.getName(),
                sandbox.profile().toString()));
        if (sandbox.start("leftovers", command).waitFor() != 0) {
            throw new IllegalStateException(sandbox.output("leftovers.err"));
        }
        JsonNode left = new JsonMapper().readTree(sandbox.output("leftovers.out"));
        results.add(
                "left after a launch, threads",
                "",
                "threads",
                Samples.of(List.of(left.path("threads").asDouble())));
        results.add(
                "left after a launch, open files",
                "",
                "files",
                Samples.of(List.of(left.path("files").asDouble())));
        results.add(
                "left after a launch, heap",
                "",
                "kB",
                Samples.of(List.of(left.path("heapKilobytes").asDouble())));
    }
}
