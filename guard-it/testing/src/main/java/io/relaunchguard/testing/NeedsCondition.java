package io.relaunchguard.testing;

import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips what {@link Needs} something that is not there; in CI that is an error. */
final class NeedsCondition implements ExecutionCondition {

    static final String HIDE = "relaunch-guard.tests.hide-tools";
    static final String CI = "relaunch-guard.tests.ci";

    /** What was looked for is not looked for again. */
    private static final Map<Need, Boolean> MET = new ConcurrentHashMap<>();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean hidden = context.getConfigurationParameter(HIDE)
                .map(Boolean::parseBoolean)
                .orElse(false);
        Set<Need> missing = context.getElement().map(NeedsCondition::needs).orElseGet(NeedsCondition::none);
        if (!hidden) {
            missing.removeIf(need -> MET.computeIfAbsent(need, Need::probe));
        }
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("all that it needs is here");
        }
        String reason = missing.stream().map(Need::toString).collect(Collectors.joining("; ", "this needs ", ""));
        if (!hidden && isCi(context)) {
            // Only an exception makes a condition fail what it is asked about.
            throw new MissingNeedException(reason + "; where CI is true it must be there");
        }
        return ConditionEvaluationResult.disabled(hidden ? reason + "; hidden by " + HIDE : reason);
    }

    private static boolean isCi(ExtensionContext context) {
        return Boolean.parseBoolean(context.getConfigurationParameter(CI).orElseGet(() -> System.getenv("CI")));
    }

    private static Set<Need> needs(AnnotatedElement element) {
        Set<Need> needs = none();
        add(needs, element);
        if (element instanceof Class<?> type) {
            for (Class<?> above = type.getSuperclass(); above != null; above = above.getSuperclass()) {
                add(needs, above);
            }
        }
        return needs;
    }

    private static void add(Set<Need> needs, AnnotatedElement element) {
        @Nullable Needs annotation = element.getDeclaredAnnotation(Needs.class);
        if (annotation != null && Arrays.stream(annotation.exceptOn()).noneMatch(OS::isCurrentOs)) {
            needs.addAll(Set.of(annotation.value()));
        }
    }

    private static Set<Need> none() {
        return EnumSet.noneOf(Need.class);
    }
}
