package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchPermit;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Gives an application a permit that was obtained before it: the application runs no launch of its own, and has the permit as
 * a bean.
 *
 * <pre>{@code
 * LaunchPermit permit = LaunchGuard.forProfile(profile).launch().permitOrThrow();
 * SpringApplication application = new SpringApplication(Launcher.class);
 * application.addInitializers(new PermitInitializer(permit));
 * application.run(args);
 * }</pre>
 *
 * <p>Closing the permit stays with whoever obtained it.
 */
public final class PermitInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private final LaunchPermit permit;

    /** For an open permit. */
    public PermitInitializer(LaunchPermit permit) {
        this.permit = permit;
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        EarlyLaunch.ended(permit).registerIn(context);
    }
}
