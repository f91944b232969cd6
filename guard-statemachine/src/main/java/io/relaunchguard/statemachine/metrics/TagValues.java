package io.relaunchguard.statemachine.metrics;

import io.relaunchguard.core.launch.LaunchReport;
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
}
