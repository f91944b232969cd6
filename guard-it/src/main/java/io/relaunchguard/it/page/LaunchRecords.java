package io.relaunchguard.it.page;

import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.statemachine.history.LaunchRecord;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Launches read from the JSON that tells of them. */
public final class LaunchRecords {

    private static final JsonMapper MAPPER = new JsonMapper();

    private LaunchRecords() {}

    /** The launches that a profile remembers, newest first; what cannot be read is passed over. */
    public static List<LaunchRecord> of(HistoryStore store) {
        try {
            List<LaunchRecord> launches = new ArrayList<>();
            store.lines().forEach(line -> read(line).ifPresent(launches::add));
            Collections.reverse(launches);
            return launches;
        } catch (UncheckedIOException e) {
            return List.of();
        }
    }

    /** The launch that a text tells of; empty if it tells of none. */
    static Optional<LaunchRecord> read(String json) {
        try {
            return Optional.of(MAPPER.readValue(json, LaunchRecord.class));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
