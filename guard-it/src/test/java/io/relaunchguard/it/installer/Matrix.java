package io.relaunchguard.it.installer;

import java.util.ArrayList;
import java.util.List;

/** What each case of an installer was expected to do, and what was seen. */
final class Matrix {

    private final String title;
    private final List<Row> rows = new ArrayList<>();

    Matrix(String title) {
        this.title = title;
    }

    void add(String situation, String expected, String seen) {
        rows.add(new Row(situation, expected, seen));
    }

    void print() {
        StringBuilder text = new StringBuilder(System.lineSeparator()).append(title);
        for (Row row : rows) {
            text.append("%n%-70s | %-45s | %s".formatted(row.situation(), row.expected(), row.seen()));
        }
        System.out.println(text.append(System.lineSeparator()));
    }

    private record Row(String situation, String expected, String seen) {}
}
