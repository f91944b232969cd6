package io.relaunchguard.it.cli;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.PredicateResult;
import io.relaunchguard.core.safety.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON shapes of the command line; README.md documents the keys. */
final class Json {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    record Launch(
            String outcome,
            @Nullable VerdictShape verdict,
            @Nullable Holder holder,
            List<Predicate> predicates,
            List<Visit> timeline,
            List<SignalShape> signals,
            List<Long> survivors,
            List<String> faults,
            String summary,
            String advice) {}

    record Explanation(
            VerdictShape verdict, Cache cache, @Nullable Holder holder, List<Predicate> predicates, String marker) {}

    record VerdictShape(String kind, @Nullable String reason, String detail) {}

    record Holder(
            String host,
            long pid,
            @Nullable String start,
            @Nullable String state,
            @Nullable String user,
            @Nullable String executable,
            @Nullable String lineage) {}

    record Predicate(String name, String result, String detail) {}

    record Visit(String state, String enteredAt, double dwellMillis) {}

    record SignalShape(String signal, long pid, String result, String detail) {}

    record Cache(String status, String detail) {}

    static String of(LaunchReport report) {
        return MAPPER.writeValueAsString(new Launch(
                lower(report.outcome()),
                report.verdict().map(Json::verdict).orElse(null),
                holder(report.lock(), report.holder()),
                report.verdict().map(verdict -> predicates(verdict.results())).orElse(List.of()),
                report.timeline().stream()
                        .map(visit -> new Visit(
                                visit.state().name(),
                                visit.enteredAt().toString(),
                                visit.dwell().toNanos() / 1e6))
                        .toList(),
                report.signals().stream()
                        .map(sent ->
                                new SignalShape(sent.signal().name(), sent.pid(), lower(sent.result()), sent.detail()))
                        .toList(),
                report.survivors(),
                report.faults(),
                report.summary(),
                report.advice()));
    }

    static String of(DryRun dryRun) {
        return MAPPER.writeValueAsString(new Explanation(
                verdict(dryRun.verdict()),
                cache(dryRun.cache()),
                holder(dryRun.facts().lock(), dryRun.facts().holder()),
                predicates(dryRun.verdict().results()),
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

    private static VerdictShape verdict(Verdict verdict) {
        if (verdict instanceof Verdict.Spare spare) {
            return new VerdictShape(
                    "spare", spare.reason().predicate().id(), spare.reason().detail());
        }
        return new VerdictShape("reap", null, "every predicate holds");
    }

    private static List<Predicate> predicates(List<PredicateResult> results) {
        return results.stream()
                .map(result -> new Predicate(result.predicate().id(), lower(result.result()), result.detail()))
                .toList();
    }

    private static @Nullable Holder holder(Observation<SingletonLock> lock, Observation<ProcessIdentity> holder) {
        Optional<ProcessIdentity> process = holder.toOptional();
        return lock.toOptional()
                .map(named -> new Holder(
                        named.host(),
                        named.pid(),
                        process.map(ProcessIdentity::start).orElse(null),
                        process.map(seen -> lower(seen.state())).orElse(null),
                        process.flatMap(seen -> seen.user().toOptional()).orElse(null),
                        process.flatMap(seen -> seen.executable().toOptional()).orElse(null),
                        process.flatMap(seen -> seen.lineage().toOptional())
                                .map(Json::lower)
                                .orElse(null)))
                .orElse(null);
    }

    private static String lower(Object name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
