package io.relaunchguard.statemachine.start;

import java.util.Optional;
import org.springframework.boot.SpringApplication;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.Environment;

/** Tells when the application does not really start, or when its launch is somebody else's. */
final class SkipCheck {

    /** {@code DefaultLifecycleProcessor} reads it: with "onRefresh" the application ends before it has started. */
    private static final String EXIT_PROPERTY = "spring.context.exit";

    private SkipCheck() {}

    /** Why no launch is to run; empty if it is. */
    static Optional<String> reason(SpringApplication application, Environment environment) {
        if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
            return Optional.of("the application is processed ahead of time");
        }
        if (isTraining()) {
            return Optional.of("this is a training run");
        }
        if (!environment.getProperty(RelaunchGuardProperties.PREFIX + ".enabled", Boolean.class, true)) {
            return Optional.of("it is disabled");
        }
        if (application.getInitializers().stream().anyMatch(PermitInitializer.class::isInstance)) {
            return Optional.of("the application was given a permit");
        }
        return Optional.empty();
    }

    /** Whether this is a training run for a CDS archive or an AOT cache. */
    static boolean isTraining() {
        return "onRefresh".equalsIgnoreCase(SpringProperties.getProperty(EXIT_PROPERTY));
    }
}
