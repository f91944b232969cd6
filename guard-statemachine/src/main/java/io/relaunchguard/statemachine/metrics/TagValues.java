package io.relaunchguard.statemachine.metrics;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.safety.Verdict;
import java.util.Locale;

/** Writes the values of tags: lowercase in any locale. */
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
