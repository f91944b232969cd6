package io.relaunchguard.statemachine.metrics;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.docs.ObservationDocumentation;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.statemachine.metrics.GuardMeters.Tag;
import org.jspecify.annotations.Nullable;

/**
 * An Observation round a launch, with an event for each state and each signal. Give it to one launch as a listener. It
 * opens no scope. It does all its work on the launch's thread. For the early start, extend it with a class that has a
 * constructor without arguments.
 */
public class LifecycleObservation implements LaunchListener {

    private final ObservationRegistry registry;
    private @Nullable Observation observation;

    /** Creates an observation for the handlers of this registry. */
    public LifecycleObservation(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void entered(LifecycleState state) {
        if (observation == null) {
            observation = Documentation.LAUNCH.start(registry, Observation.Context::new);
        }
        observation.event(Observation.Event.of(TagValues.of(state)));
    }

    @Override
    public void signalled(SentSignal signal) {
        if (observation != null) {
            observation.event(Observation.Event.of("signal." + TagValues.of(signal.signal())));
        }
    }

    @Override
    public void ended(LaunchReport report) {
        if (observation == null) {
            return;
        }
        observation.lowCardinalityKeyValue(Tag.OUTCOME.withValue(TagValues.of(report.outcome())));
        observation.lowCardinalityKeyValue(Tag.VERDICT.withValue(TagValues.verdict(report)));
        observation.lowCardinalityKeyValue(Tag.UPDATE.withValue(TagValues.update(report)));
        if (report.outcome() == Outcome.FAILED) {
            observation.error(new IllegalStateException(report.summary()));
        }
        observation.stop();
        observation = null;
    }

    /** The documentation of the observation. */
    public enum Documentation implements ObservationDocumentation {

        /** A launch, from its first state to its end. Its events are the states entered and the signals sent. */
        LAUNCH;

        @Override
        public String getName() {
            return "relaunch.guard.lifecycle";
        }

        @Override
        public String getContextualName() {
            return "relaunch guard launch";
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return new KeyName[] {Tag.OUTCOME, Tag.VERDICT, Tag.UPDATE};
        }
    }
}
