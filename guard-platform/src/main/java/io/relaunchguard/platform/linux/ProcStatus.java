package io.relaunchguard.platform.linux;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The needed part of {@code /proc/<pid>/status}, see proc(5).
 *
 * @param group the process that this is a thread of; a process is its own first thread
 * @param user the real, effective, saved and file system user IDs: one number if they are equal, else all, separated by
 *     slashes
 * @param namespacePids the PIDs of the process in each PID namespace, from the reader's down to its own
 */
record ProcStatus(long group, String user, List<Long> namespacePids) {

    private static final int USER_IDS = 4;

    /**
     * Parses the file; empty if one of the three is missing or malformed. Only a line feed ends a line: a process may
     * choose its name, in which the kernel escapes line feeds but not carriage returns.
     */
    static Optional<ProcStatus> parse(String content) {
        List<String> lines = List.of(content.split("\n", -1));
        List<String> groups = values(lines, "Tgid:");
        List<String> users = values(lines, "Uid:");
        List<String> pids = values(lines, "NSpid:");
        if (groups.size() != 1 || users.size() != USER_IDS || pids.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProcStatus(
                    Long.parseLong(groups.get(0)),
                    users.stream().distinct().count() == 1 ? users.get(0) : String.join("/", users),
                    pids.stream().map(Long::parseLong).toList()));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    /** Returns what is odd about a content that {@link #parse} does not accept. */
    static String oddity(String content) {
        List<String> lines = List.of(content.split("\n", -1));
        return Stream.of("Tgid:", "Uid:", "NSpid:")
                .filter(key -> values(lines, key).isEmpty())
                .findFirst()
                .map(key -> "it has no line \"%s\" with numbers".formatted(key))
                .orElse("its numbers are too large, or there are more or fewer of them than the kernel writes");
    }

    private static List<String> values(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).trim())
                .filter(values -> values.matches("\\d+(\\s+\\d+)*"))
                .map(values -> List.of(values.split("\\s+")))
                .findFirst()
                .orElse(List.of());
    }
}
