package io.relaunchguard.statemachine.metrics;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.history.HistoryRecord;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The values of tags: lowercase in any locale, and only those that are documented. */
final class TagValues {

    private TagValues() {}

    static String of(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    static String verdict(LaunchReport report) {
        return report.verdict()
                .map(verdict -> verdict instanceof Verdict.Reap ? "reap" : "spare")
                .orElse("none");
    }

    /** Returns the constant with this name, in any case of its letters; empty if there is none. */
    static <E extends Enum<E>> Optional<E> known(Class<E> type, String name) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> value.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** Returns how a launch ended; empty if that is none of the documented values. */
    static Optional<String> outcome(HistoryRecord launch) {
        return launch.outcome().equals(HistoryRecord.UNFINISHED)
                ? Optional.of(HistoryRecord.UNFINISHED)
                : known(Outcome.class, launch.outcome()).map(TagValues::of);
    }

    static String verdict(HistoryRecord launch) {
        HistoryRecord.Judgement verdict = launch.verdict();
        if (verdict == null) {
            return "none";
        }
        return verdict.kind().equals("reap") ? "reap" : "spare";
    }

    static String update(HistoryRecord launch) {
        HistoryRecord.Update update = launch.update();
        if (update == null) {
            return "none";
        }
        return switch (update.effect()) {
            case "applied" -> "applied";
            case "not-applied" -> "not_applied";
            default -> "unknown";
        };
    }

    static String update(LaunchReport report) {
        UpdateEffect update = report.update();
        if (update instanceof UpdateEffect.Applied) {
            return "applied";
        }
        if (update instanceof UpdateEffect.NotApplied) {
            return "not_applied";
        }
        return update instanceof UpdateEffect.Unknown ? "unknown" : "none";
    }
}
