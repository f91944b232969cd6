package io.relaunchguard.it.cli;

import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.history.HistoryRecord.Holder;
import io.relaunchguard.statemachine.history.HistoryRecord.Judgement;
import io.relaunchguard.statemachine.history.HistoryRecord.Predicate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

/**
 * The JSON shapes of the command line; {@code docs/command-line.md} documents the keys. The writer is Spring Boot's, as
 * for the history: a JSON library would make the small jar larger and each start load some hundred classes more.
 */
final class Json {

    private Json() {}

    record Cache(String status, String detail) {}

    static String of(LaunchReport report) {
        return HistoryRecord.of(report).toJson();
    }

    static String of(DryRun dryRun) {
        Judgement verdict = Judgement.of(dryRun.verdict());
        Cache cache = cache(dryRun.cache());
        return JsonWriter.standard()
                .writeToString(object(
                        "verdict",
                                object("kind", verdict.kind(), "reason", verdict.reason(), "detail", verdict.detail()),
                        "cache", object("status", cache.status(), "detail", cache.detail()),
                        "holder", holder(dryRun),
                        "predicates",
                                Predicate.of(dryRun.verdict()).stream()
                                        .map(Json::members)
                                        .toList(),
                        "marker", lower(dryRun.facts().marker().getClass().getSimpleName())));
    }

    private static @Nullable Map<String, @Nullable Object> holder(DryRun dryRun) {
        Holder holder = Holder.of(
                dryRun.facts().lock(), dryRun.lockedSince(), dryRun.facts().holder());
        if (holder == null) {
            return null;
        }
        return object(
                "host", holder.host(),
                "pid", holder.pid(),
                "since", holder.since() == null ? null : holder.since().toString(),
                "start", holder.start(),
                "state", holder.state(),
                "user", holder.user(),
                "executable", holder.executable(),
                "lineage", holder.lineage());
    }

    private static Map<String, @Nullable Object> members(Predicate predicate) {
        return object("name", predicate.name(), "result", predicate.result(), "detail", predicate.detail());
    }

    /** Returns an object with these names, each followed by its value. */
    private static Map<String, @Nullable Object> object(@Nullable Object... members) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            object.put(String.valueOf(members[i]), members[i + 1]);
        }
        return object;
    }

    static Cache cache(CacheStatus status) {
        if (status instanceof CacheStatus.Free) {
            return new Cache("free", "there is no lock");
        }
        if (status instanceof CacheStatus.Stale stale) {
            return new Cache("stale", stale.proof());
        }
        if (status instanceof CacheStatus.InUse inUse) {
            return new Cache(
                    "in-use", "process %d has it".formatted(inUse.holder().pid()));
        }
        return new Cache("unknown", status instanceof CacheStatus.Uncertain uncertain ? uncertain.reason() : "");
    }

    private static String lower(Object name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
