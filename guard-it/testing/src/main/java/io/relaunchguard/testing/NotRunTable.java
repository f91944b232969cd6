package io.relaunchguard.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Prints what the tests of a build did not run here, and why: one row a reason. */
public final class NotRunTable {

    private NotRunTable() {}

    /** One test that was not run, as a line of a file. */
    record Row(String testClass, String test, String reason) {

        String line() {
            return String.join("\t", testClass, test, reason.replaceAll("\\s+", " ")) + "\n";
        }

        static Row parse(String line) {
            String[] parts = line.split("\t", 3);
            return new Row(parts[0], parts[1], parts[2]);
        }
    }

    /** Takes the files with the rows; one that is not there has none. */
    public static void main(String[] files) throws IOException {
        Set<Row> rows = new LinkedHashSet<>();
        for (String file : files) {
            Path path = Path.of(file);
            if (Files.exists(path)) {
                Files.readAllLines(path).stream().map(Row::parse).forEach(rows::add);
            }
        }
        System.out.print(table(rows));
    }

    static String table(Set<Row> rows) {
        if (rows.isEmpty()) {
            return "\nEvery test of this tier was run here.\n";
        }
        StringBuilder table = new StringBuilder("\nNot run here: %d test methods\n".formatted(rows.size()));
        Map<String, List<Row>> byReason =
                rows.stream().collect(Collectors.groupingBy(Row::reason, LinkedHashMap::new, Collectors.toList()));
        byReason.forEach((reason, those) -> table.append("  %3d  %s%n       %s%n"
                .formatted(
                        those.size(),
                        reason,
                        String.join(
                                ", ",
                                those.stream().map(Row::testClass).collect(Collectors.toCollection(TreeSet::new))))));
        return table.toString();
    }
}
