package io.relaunchguard.it.cli;

import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.statemachine.history.LaunchRecord;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON shapes of the command line; {@code docs/command-line.md} documents the keys. */
final class Json {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    record Explanation(
            LaunchRecord.Judgement verdict,
            Cache cache,
            LaunchRecord.@Nullable Holder holder,
            List<LaunchRecord.Predicate> predicates,
            String marker) {}

    record Cache(String status, String detail) {}

    static String of(LaunchReport report) {
        return MAPPER.writeValueAsString(LaunchRecord.of(report));
    }

    static String of(DryRun dryRun) {
        return MAPPER.writeValueAsString(new Explanation(
                LaunchRecord.Judgement.of(dryRun.verdict()),
                cache(dryRun.cache()),
                LaunchRecord.Holder.of(
                        dryRun.facts().lock(),
                        dryRun.lockedSince(),
                        dryRun.facts().holder()),
                LaunchRecord.Predicate.of(dryRun.verdict()),
                lower(dryRun.facts().marker().getClass().getSimpleName())));
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
