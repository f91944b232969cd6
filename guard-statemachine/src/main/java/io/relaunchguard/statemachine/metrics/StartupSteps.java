package io.relaunchguard.statemachine.metrics;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.statemachine.metrics.GuardMeters.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.core.metrics.ApplicationStartup;
import org.springframework.core.metrics.StartupStep;

/**
 * The steps that a launch adds to those of an application's start: one for the launch and, in it, one for each stay in
 * a state.
 */
public final class StartupSteps implements LaunchListener {

    /** The step of the launch, tagged with its outcome, its verdict, and the effect of an update. */
    public static final String LAUNCH = "relaunch-guard.launch";

    /** The step of a stay in a state, tagged with the state. */
    public static final String STATE = "relaunch-guard.state";

    private final ApplicationStartup startup;
    private @Nullable StartupStep launch;
    private @Nullable StartupStep state;

    /** Creates the steps for the start of one application. */
    public StartupSteps(ApplicationStartup startup) {
        this.startup = startup;
    }

    @Override
    public void entered(LifecycleState entered) {
        if (launch == null) {
            launch = startup.start(LAUNCH);
        }
        endState();
        if (!entered.isEnd()) {
            state = startup.start(STATE).tag(Tag.STATE.asString(), TagValues.of(entered));
        }
    }

    @Override
    public void ended(LaunchReport report) {
        endState();
        if (launch != null) {
            launch.tag(Tag.OUTCOME.asString(), TagValues.of(report.outcome()))
                    .tag(Tag.VERDICT.asString(), TagValues.verdict(report))
                    .tag(Tag.UPDATE.asString(), TagValues.update(report))
                    .end();
        }
    }

    private void endState() {
        if (state != null) {
            state.end();
            state = null;
        }
    }
}
