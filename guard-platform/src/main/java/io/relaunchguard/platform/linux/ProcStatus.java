package io.relaunchguard.platform.linux;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * What is needed of {@code /proc/<pid>/status}, see proc(5).
 *
 * @param user real, effective, saved and file system user id: one number if they agree, else all, joined by slashes
 * @param namespacePids the ids of the process in each pid namespace from the reader's down to its own
 */
record ProcStatus(String user, List<Long> namespacePids) {

    /** Reads the file; empty if the user ids or the namespace ids are missing. */
    static Optional<ProcStatus> parse(List<String> lines) {
        Optional<List<String>> uids = values(lines, "Uid:");
        Optional<List<String>> pids = values(lines, "NSpid:");
        if (uids.isEmpty() || pids.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProcStatus(
                    String.join("/", new LinkedHashSet<>(uids.get()).size() == 1 ? uids.get().subList(0, 1) : uids.get()),
                    pids.get().stream().map(Long::parseLong).toList()));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    private static Optional<List<String>> values(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> List.of(line.substring(key.length()).trim().split("\\s+", -1)))
                .filter(values -> !values.get(0).isEmpty())
                .findFirst();
    }
}
