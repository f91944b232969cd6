package io.relaunchguard.it.benchmark;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.statemachine.LaunchGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the looks cost that go through the processes of the host, as there are more of them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class HostGrows {

    /** What the host has more than usual. */
    public enum Load {
        /** Processes that have nothing to do with the profile. */
        PROCESSES_100(100, 0, 0),
        PROCESSES_1000(1_000, 0, 0),
        PROCESSES_10000(10_000, 0, 0),
        /** Children of the holder that have a file of the profile open. */
        HELPERS_10(0, 10, 0),
        HELPERS_100(0, 100, 0),
        HELPERS_1000(0, 1_000, 0),
        /** Files in the profile, which one helper has open. */
        FILES_1000(0, 0, 1_000);

        private final int processes;
        private final int helpers;
        private final int files;

        Load(int processes, int helpers, int files) {
            this.processes = processes;
            this.helpers = helpers;
            this.files = files;
        }
    }

    /** One of them at a time. */
    @Param
    public Load load;

    private Path profile;
    private ProfilePorts ports;
    private LaunchGuard guard;
    private Crowd strangers;
    private Crowd holder;
    private PinnedProcess pinned;

    /** Makes it so. */
    @Setup
    public void start() throws IOException {
        profile = Files.createTempDirectory("relaunch-guard-benchmark");
        List<String> files = IntStream.rangeClosed(0, load.files)
                .mapToObj(i -> profile.resolve("file-" + i).toString())
                .toList();
        for (String file : files) {
            Files.createFile(Path.of(file));
        }
        strangers = Crowd.start(load.processes, Path.of("/dev/null"), List.of());
        holder = Crowd.start(load.helpers, Path.of(files.get(0)), load.files == 0 ? List.of() : files);
        ports = LaunchGuard.currentPlatform().open(profile);
        String host = ports.host().read().host().toOptional().orElseThrow();
        Files.createSymbolicLink(profile.resolve(SingletonLock.FILE_NAME), Path.of(host + "-" + holder.pid()));
        guard = LaunchGuard.on(ports);
        pinned = ports.processes().pin(holder.pid()).toOptional().orElseThrow();
    }

    /** Ends all that. */
    @TearDown
    public void end() throws Exception {
        pinned.close();
        holder.close();
        strangers.close();
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A whole dry run on a profile that is held: what a second start looks at. */
    @Benchmark
    public DryRun explain() {
        return guard.explain();
    }

    /** The search for those that a holder leaves behind, before it is ended. */
    @Benchmark
    public int helpers() {
        List<PinnedProcess> helpers = ports.processes().helpersOf(pinned);
        helpers.forEach(PinnedProcess::close);
        return helpers.size();
    }

    /** The search for a process of a container that a lock may mean. */
    @Benchmark
    public Observation<?> namesake() {
        return ports.processes().namesakeInOtherNamespace(holder.pid());
    }
}
