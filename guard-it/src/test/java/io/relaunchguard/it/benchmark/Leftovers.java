package io.relaunchguard.it.benchmark;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchResult;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** What a launch leaves in its JVM once it has ended and its permit is closed; run in a JVM of its own. */
final class Leftovers {

    private Leftovers() {}

    /** Prints a JSON object; the argument is the profile. */
    public static void main(String[] args) throws IOException {
        int threads = threads();
        long files = files();
        long heap = heap();
        LaunchResult result = LaunchGuard.forProfile(Path.of(args[0])).launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            permitted.permit().close();
        }
        result = null;
        System.out.println(new JsonMapper()
                .writeValueAsString(Map.of(
                        "threads", threads() - threads,
                        "files", files() - files,
                        "heapKilobytes", (heap() - heap) / 1024)));
    }

    private static int threads() {
        return Thread.getAllStackTraces().size();
    }

    /** But for the jars that classes were loaded from: they stay open in any JVM. */
    private static long files() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(file -> !target(file).endsWith(".jar")).count();
        }
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException closed) {
            return "closed.jar";
        }
    }

    /** What is still in use after the collector has run. */
    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
