package io.relaunchguard.it.benchmark;

import io.relaunchguard.it.benchmark.WholeProcesses.Preparation;
import io.relaunchguard.it.benchmark.WholeProcesses.Usage;
import io.relaunchguard.it.benchmark.WholeProcesses.Variant;
import io.relaunchguard.it.fresh.FreshApplication;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.PackedClasses;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A Spring Boot application without a server, from the start of its JVM to its end, where nobody holds the profile: with the
 * guard, and without anything that the guard brings.
 */
final class NormalLaunch {

    /** What a desktop application does not need: a server, its meters, a command line. */
    private static final Pattern SERVER = Pattern.compile(
            "spring-web.*|spring-boot-(?!4|3|autoconfigure).*|tomcat.*|jackson.*|micrometer-(core|jakarta|registry).*"
                    + "|prometheus.*|HdrHistogram.*|mermaid.*|picocli.*|jakarta\\.servlet.*");

    private static final Pattern GUARD = Pattern.compile(
            "guard-.*|jna.*|spring-statemachine.*|spring-messaging.*|spring-tx.*|reactor.*|reactive-streams.*");

    private final Results results;
    private final Path directory;
    private final int rounds;

    NormalLaunch(Results results, Path directory, int rounds) {
        this.results = results;
        this.directory = directory;
        this.rounds = rounds;
    }

    /** How a JVM gets its classes. */
    private enum Mode {
        PLAIN("plain", ""),
        CDS("AppCDS archive", "-XX:ArchiveClassesAtExit="),
        AOT("AOT cache", "-XX:AOTCacheOutput=");

        private final String text;
        private final String training;

        Mode(String text, String training) {
            this.text = text;
            this.training = training;
        }

        boolean isFor(Jdk jdk) {
            return this != AOT || jdk.version() >= 25;
        }

        List<String> use(String archive) {
            return switch (this) {
                case PLAIN -> List.of();
                case CDS -> List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:auto");
                case AOT -> List.of("-XX:AOTCache=" + archive);
            };
        }
    }

    void measure(Jdk jdk) throws IOException, InterruptedException {
        Path work = Files.createDirectories(directory.resolve("normal-" + jdk.version()));
        List<String> with = PackedClasses.of(
                FreshProject.classPath().stream()
                        .filter(entry -> !SERVER.matcher(name(entry)).matches())
                        .toList(),
                work);
        List<String> without = with.stream()
                .filter(entry -> !GUARD.matcher(name(entry)).matches())
                .toList();
        for (Mode mode : Mode.values()) {
            if (mode.isFor(jdk)) {
                Map<Variant, Usage> usages = WholeProcesses.alternate(
                        List.of(
                                variant(jdk, mode, "without the guard", without, work),
                                variant(jdk, mode, "with the guard", with, work)),
                        rounds,
                        Preparation.NONE);
                String benchmark = "normal launch, JDK %d, %s".formatted(jdk.version(), mode.text);
                usages.forEach((variant, usage) ->
                        results.add(benchmark + ", wall time", variant.name(), "ms", Samples.of(usage.wallMillis())));
                usages.forEach((variant, usage) -> results.add(
                        benchmark + ", processor time", variant.name(), "ms", Samples.of(usage.processorMillis())));
                usages.forEach((variant, usage) -> results.add(
                        benchmark + ", peak memory", variant.name(), "MB", Samples.of(usage.peakMegabytes())));
            }
        }
    }

    /** With an archive, it is trained here by a whole run: one that ends early would leave out what a launch needs. */
    private Variant variant(Jdk jdk, Mode mode, String name, List<String> classPath, Path work)
            throws IOException, InterruptedException {
        String archive =
                work.resolve("%s-%s".formatted(mode, name.replace(' ', '-'))).toString();
        if (mode != Mode.PLAIN) {
            WholeProcesses.alternate(
                    List.of(new Variant(
                            "training", command(jdk, List.of(mode.training + archive), classPath, work), 0)),
                    0,
                    Preparation.NONE);
        }
        return new Variant(name, command(jdk, mode.use(archive), classPath, work), 0);
    }

    private static List<String> command(Jdk jdk, List<String> options, List<String> classPath, Path work) {
        List<String> command = new ArrayList<>(List.of(jdk.java()));
        command.addAll(jdk.nativeAccess());
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                String.join(File.pathSeparator, classPath),
                FreshApplication.class.getName(),
                "--spring.main.web-application-type=none",
                "--relaunch-guard.profile=" + work.resolve("profile")));
        return command;
    }

    private static String name(String entry) {
        return Path.of(entry).getFileName().toString();
    }
}
