package io.relaunchguard.statemachine.start;

import java.util.List;
import java.util.Optional;
import org.springframework.boot.SpringApplication;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.Environment;

/** The check whether the application does not really start, or whether its launch is another's. */
final class SkipCheck {

    /**
     * The property that {@code DefaultLifecycleProcessor} reads: with "onRefresh" the application ends before it has
     * started.
     */
    private static final String EXIT_PROPERTY = "spring.context.exit";

    private static final String IN_TESTS = RelaunchGuardProperties.PREFIX + ".skip.in-tests";

    /**
     * The beginnings of the names of classes that run tests. None of these is on the class path of a delivered
     * application.
     */
    private static final List<String> TEST_RUNNERS = List.of(
            "org.junit.",
            "org.testng.",
            "io.cucumber.",
            "org.springframework.test.context.",
            "org.springframework.boot.test.");

    private SkipCheck() {}

    /**
     * The decision that no launch is to run.
     *
     * @param reason the reason
     * @param standIn the message of a stand-in for the permit to a caller that asks it for the profile; empty if the
     *     application has no permit of this launch at all
     */
    record Skip(String reason, Optional<String> standIn) {

        private static Skip withoutPermit(String reason) {
            return new Skip(reason, Optional.empty());
        }
    }

    /** Returns why no launch is to run; empty if a launch is to run. */
    static Optional<Skip> of(SpringApplication application, Environment environment) {
        if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
            return Optional.of(Skip.withoutPermit("the application is processed ahead of time"));
        }
        if (!environment.getProperty(RelaunchGuardProperties.PREFIX + ".enabled", Boolean.class, true)) {
            return Optional.of(Skip.withoutPermit("it is disabled"));
        }
        if (isTraining()) {
            return Optional.of(
                    new Skip(
                            "this is a training run",
                            Optional.of(
                                    "nothing was launched in this training run, so the browser must not be initialised here;"
                                            + " do that when the application has started, in a SmartLifecycle bean for example")));
        }
        if (application.getInitializers().stream().anyMatch(PermitInitializer.class::isInstance)) {
            return Optional.of(Skip.withoutPermit("the application was given a permit"));
        }
        if (environment.getProperty(IN_TESTS, Boolean.class, true) && isInTest()) {
            return Optional.of(new Skip(
                    "this is a test",
                    Optional.of(
                            "nothing was launched in this test, so the browser must not be initialised here; for a real"
                                    + " launch set %s=false, and relaunch-guard.profile to a directory of the test's own"
                                            .formatted(IN_TESTS))));
        }
        return Optional.empty();
    }

    private static boolean isTraining() {
        return "onRefresh".equalsIgnoreCase(SpringProperties.getProperty(EXIT_PROPERTY));
    }

    /** Returns whether this thread runs a test. Without a dependency, only its stack tells that. */
    private static boolean isInTest() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .anyMatch(name -> TEST_RUNNERS.stream().anyMatch(name::startsWith)));
    }
}
