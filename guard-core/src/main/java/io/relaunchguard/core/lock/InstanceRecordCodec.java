package io.relaunchguard.core.lock;

import io.relaunchguard.core.KeyValueText;
import io.relaunchguard.core.Observation;
import java.util.LinkedHashMap;
import java.util.Map;

/** The instance record as a file, in the same text form as the consent marker. */
public final class InstanceRecordCodec {

    private static final String FORMAT = "1";

    private InstanceRecordCodec() {}

    /**
     * The record's file content.
     *
     * @throws IllegalArgumentException if {@link #decode} would not read it as the same record
     */
    public static byte[] encode(InstanceRecord record) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("host", record.lock().host());
        fields.put("pid", Long.toString(record.lock().pid()));
        fields.put("locked-since", record.lockedSince().toString());
        fields.put("start", record.start());
        fields.put("boot", record.bootId());
        fields.put("machine", record.machineId());
        fields.put("pid-namespace", record.pidNamespace());
        fields.put("user", record.user());
        fields.put("profile", record.profile());
        fields.put("life-lock", record.lifeLock());
        byte[] content = KeyValueText.encode(fields);
        Observation<InstanceRecord> readBack = decode(content);
        if (!readBack.is(record)) {
            throw new IllegalArgumentException("this instance record cannot be written: " + readBack.shortfall());
        }
        return content;
    }

    /** Reads a record's file content; {@link Observation.Unknown} if it may not be believed. Never throws. */
    public static Observation<InstanceRecord> decode(byte[] content) {
        try {
            return record(KeyValueText.decode(content, "the instance record"));
        } catch (KeyValueText.Malformed malformed) {
            return Observation.unknown(malformed.reason());
        }
    }

    private static Observation<InstanceRecord> record(KeyValueText text) throws KeyValueText.Malformed {
        text.requireFormat(FORMAT);
        SingletonLock lock = new SingletonLock(text.token("host"), text.number("pid"));
        if (!CacheStatus.canName(lock.pid())) {
            return Observation.unknown(
                    "the instance record names pid %d, which no browser can have".formatted(lock.pid()));
        }
        return Observation.seen(new InstanceRecord(
                lock,
                text.instant("locked-since"),
                text.token("start"),
                text.token("boot"),
                text.present("machine"),
                text.token("pid-namespace"),
                text.token("user"),
                text.token("profile"),
                text.present("life-lock")));
    }
}
