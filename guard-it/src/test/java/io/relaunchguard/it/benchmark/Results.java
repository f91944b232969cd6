package io.relaunchguard.it.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Collects what was measured, for people and for programs. */
final class Results {

    private final Machine machine;
    private final List<Row> rows = new ArrayList<>();

    Results(Machine machine) {
        this.machine = machine;
    }

    private record Document(Machine machine, List<Row> rows) {}

    /** The first subject of a benchmark is the one that the others are compared with. */
    void add(String benchmark, String subject, String unit, Samples samples) {
        double base = rows.stream()
                .filter(row -> row.benchmark().equals(benchmark))
                .findFirst()
                .map(Row::median)
                .orElseGet(samples::median);
        Row row = new Row(
                benchmark,
                subject,
                unit,
                samples.count(),
                samples.median(),
                samples.percentile95(),
                samples.median() / base);
        rows.add(row);
        System.out.println(line(row));
    }

    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.writeString(directory.resolve("results.json"), mapper.writeValueAsString(new Document(machine, rows)));
        List<String> lines = new ArrayList<>(List.of(machine.sentence(), ""));
        lines.add("| benchmark | subject | samples | median | 95 % | ratio |");
        lines.add("|---|---|--:|--:|--:|--:|");
        rows.forEach(row -> lines.add(line(row)));
        Files.write(directory.resolve("results.md"), lines);
    }

    private static String line(Row row) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %s | %s |",
                row.benchmark(),
                row.subject(),
                row.samples(),
                value(row.median(), row.unit()),
                value(row.percentile95(), row.unit()),
                Double.isFinite(row.ratio()) ? String.format(Locale.ROOT, "%.2f", row.ratio()) : "");
    }

    private static String value(double value, String unit) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f %s" : value >= 1 ? "%.1f %s" : "%.3f %s", value, unit);
    }
}
