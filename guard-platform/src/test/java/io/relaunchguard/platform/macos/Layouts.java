package io.relaunchguard.platform.macos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What XNU's headers make of its structures, and bytes that are laid out so. They are built from that table: none was recorded
 * on a Mac.
 */
final class Layouts {

    static final List<Row> ROWS = read();

    private Layouts() {}

    /** A field, or the whole structure if it has no name. */
    record Row(String structure, String field, int offset, int size) {}

    /** A structure whose fields have these values, and zeros otherwise. */
    static byte[] bytes(String structure, Map<String, ?> values) {
        ByteBuffer bytes = ByteBuffer.allocate(row(structure, "").size()).order(ByteOrder.nativeOrder());
        values.forEach((field, value) -> {
            Row row = row(structure, field);
            if (value instanceof byte[] content) {
                bytes.put(row.offset(), content);
            } else if (row.size() == Integer.BYTES) {
                bytes.putInt(row.offset(), ((Number) value).intValue());
            } else {
                bytes.putLong(row.offset(), ((Number) value).longValue());
            }
        });
        return bytes.array();
    }

    private static Row row(String structure, String field) {
        return ROWS.stream()
                .filter(row -> row.structure().equals(structure) && row.field().equals(field))
                .findFirst()
                .orElseThrow();
    }

    private static List<Row> read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Layouts.class.getResourceAsStream("xnu-layouts.csv")),
                StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(",", 5))
                    .map(cells -> new Row(cells[0], cells[1], Integer.parseInt(cells[2]), Integer.parseInt(cells[3])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
