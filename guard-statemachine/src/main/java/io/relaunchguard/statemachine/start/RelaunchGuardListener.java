package io.relaunchguard.statemachine.start;

import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * The listener that begins the launch when Spring Boot has prepared the environment and logging is up. It makes sure
 * that the launch has ended before the first bean is created. Registered in {@code META-INF/spring.factories}; each
 * application has one of its own.
 */
public final class RelaunchGuardListener implements ApplicationListener<ApplicationEvent>, Ordered {

    private final EarlyLaunchManager manager = new EarlyLaunchManager();

    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER + 10;
    }

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
            manager.begin(prepared.getSpringApplication(), prepared.getEnvironment(), prepared.getArgs());
        } else if (event instanceof ApplicationContextInitializedEvent initialized) {
            manager.adopt(initialized.getApplicationContext());
        } else if (event instanceof ApplicationPreparedEvent prepared) {
            manager.awaitBeforeBeans(prepared.getApplicationContext());
        } else if (event instanceof ApplicationFailedEvent) {
            manager.end();
        } else if (event instanceof ContextClosedEvent closed) {
            manager.closed(closed.getApplicationContext());
        }
    }
}
