package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchPermit;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An initializer that gives an application a permit that was obtained before it. The application runs no launch of its
 * own, and has the permit as a bean.
 *
 * <pre>{@code
 * LaunchPermit permit = LaunchGuard.forProfile(profile).launch().permitOrThrow();
 * SpringApplication application = new SpringApplication(Launcher.class);
 * application.addInitializers(new PermitInitializer(permit));
 * application.run(args);
 * }</pre>
 *
 * <p>The code that obtained the permit also closes it.
 */
public final class PermitInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private final LaunchPermit permit;

    /** Creates an initializer for an open permit. */
    public PermitInitializer(LaunchPermit permit) {
        this.permit = permit;
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        EarlyLaunch.ended(permit).registerIn(context);
    }
}
