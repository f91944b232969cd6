package io.relaunchguard.it.benchmark;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A launch on a profile that nobody holds, in a JVM that has done many before. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class WarmLaunch {

    private Path profile;
    private LaunchGuard guard;

    /** Makes the profile. */
    @Setup
    public void create() throws IOException {
        profile = Files.createTempDirectory("relaunch-guard-benchmark");
        guard = LaunchGuard.forProfile(profile);
    }

    /** Deletes it. */
    @TearDown
    public void delete() throws IOException {
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** The whole of it, with its history. */
    @Benchmark
    public LaunchResult launch() {
        LaunchResult result = guard.launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            permitted.permit().close();
        }
        return result;
    }
}
