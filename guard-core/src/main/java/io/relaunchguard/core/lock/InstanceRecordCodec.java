package io.relaunchguard.core.lock;

import io.relaunchguard.core.KeyValueText;
import io.relaunchguard.core.Observation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Converts the instance record to and from the content of its file, in the text format of the consent marker. */
public final class InstanceRecordCodec {

    private static final String FORMAT = "2";

    /**
     * The format of versions that recorded no time namespace, no end and no survivors, and only processes with a lock.
     */
    private static final String OLDER_FORMAT = "1";

    private static final int MAX_DIGITS = 10;
    private static final String APPLICATION = "application";
    private static final String COMMAND = "command";
    private static final String ENDED = "ended";
    private static final String RUNNING = "running";

    private InstanceRecordCodec() {}

    /**
     * Returns the content of the record's file.
     *
     * @throws IllegalArgumentException if {@link #decode} would not read it as the same record
     */
    public static byte[] encode(InstanceRecord record) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("host", record.lock().host());
        fields.put("pid", Long.toString(record.lock().pid()));
        fields.put("locked-since", record.lockedSince().map(Instant::toString).orElse(""));
        fields.put("start", record.start());
        fields.put("boot", record.bootId());
        fields.put("machine", record.machineId());
        fields.put("pid-namespace", record.pidNamespace());
        fields.put("time-namespace", record.timeNamespace());
        fields.put("user", record.user());
        fields.put("profile", record.profile());
        fields.put("life-lock", record.lifeLock());
        fields.put("role", record.command() ? COMMAND : APPLICATION);
        fields.put("state", record.ended() ? ENDED : RUNNING);
        fields.put(
                "survivors",
                record.survivors().stream()
                        .map(survivor -> survivor.pid() + ":" + survivor.start())
                        .collect(Collectors.joining(" ")));
        byte[] content = KeyValueText.encode(fields);
        Observation<InstanceRecord> readBack = decode(content);
        if (!readBack.is(record)) {
            throw new IllegalArgumentException("this instance record cannot be written: " + readBack.shortfall());
        }
        return content;
    }

    /** Reads the content of a record's file; {@link Observation.Unknown} if it must not be trusted. Never throws. */
    public static Observation<InstanceRecord> decode(byte[] content) {
        try {
            return record(KeyValueText.decode(content, "the instance record"));
        } catch (KeyValueText.Malformed malformed) {
            return Observation.unknown(malformed.reason());
        }
    }

    private static Observation<InstanceRecord> record(KeyValueText text) throws KeyValueText.Malformed {
        boolean older = text.token("format").equals(OLDER_FORMAT);
        if (!older) {
            text.requireFormat(FORMAT);
        }
        SingletonLock lock = new SingletonLock(text.token("host"), text.number("pid"));
        // PID 1 is valid here: the first process of a container may be the instance.
        if (lock.pid() != 1 && !CacheStatus.canName(lock.pid())) {
            return Observation.unknown(
                    "the instance record names PID %d, which no browser can have".formatted(lock.pid()));
        }
        Optional<Instant> lockedSince = !older && text.present("locked-since").isEmpty()
                ? Optional.empty()
                : Optional.of(text.instant("locked-since"));
        String role = text.optional("role");
        if (!List.of("", APPLICATION, COMMAND).contains(role)) {
            return Observation.unknown("the instance record's \"role\" is not of the known form");
        }
        String state = older ? RUNNING : text.token("state");
        Optional<List<InstanceRecord.Survivor>> survivors = survivors(older ? "" : text.present("survivors"));
        if (!List.of(RUNNING, ENDED).contains(state) || survivors.isEmpty()) {
            return Observation.unknown("the instance record's \"%s\" is not of the known form"
                    .formatted(survivors.isEmpty() ? "survivors" : "state"));
        }
        return Observation.seen(new InstanceRecord(
                lock,
                lockedSince,
                text.token("start"),
                text.token("boot"),
                text.present("machine"),
                text.token("pid-namespace"),
                older ? "" : text.present("time-namespace"),
                text.token("user"),
                text.token("profile"),
                text.present("life-lock"),
                role.equals(COMMAND),
                state.equals(ENDED),
                survivors.get()));
    }

    /** Parses the survivors; empty if the text is not of the form {@code pid:start pid:start}. */
    private static Optional<List<InstanceRecord.Survivor>> survivors(String text) {
        List<InstanceRecord.Survivor> survivors = new ArrayList<>();
        for (String survivor : text.isEmpty() ? List.<String>of() : List.of(text.split(" ", -1))) {
            int colon = survivor.indexOf(':');
            if (colon < 1
                    || colon == survivor.length() - 1
                    || colon > MAX_DIGITS
                    || !survivor.substring(0, colon).chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Optional.empty();
            }
            survivors.add(new InstanceRecord.Survivor(
                    Long.parseLong(survivor.substring(0, colon)), survivor.substring(colon + 1)));
        }
        return Optional.of(survivors);
    }
}
