package io.relaunchguard.it.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/** Where and when the numbers were measured. */
record Machine(
        String processor,
        int processors,
        long memoryMegabytes,
        String system,
        String kernel,
        String java,
        LocalDate date) {

    static Machine here() throws IOException {
        return new Machine(
                field("/proc/cpuinfo", "model name", ':'),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(field("/proc/meminfo", "MemTotal", ':').replaceAll("\\D", "")) / 1024,
                field("/etc/os-release", "PRETTY_NAME", '=').replace("\"", ""),
                System.getProperty("os.version"),
                Runtime.version().toString(),
                LocalDate.now(ZoneOffset.UTC));
    }

    String sentence() {
        return "Measured on %s: %s, %d processors, %d MB, %s, Linux %s, JDK %s."
                .formatted(date, processor, processors, memoryMegabytes, system, kernel, java);
    }

    private static String field(String file, String name, char separator) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(file));
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> line.substring(line.indexOf(separator) + 1).trim())
                .orElse("unknown");
    }
}
