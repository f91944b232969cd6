package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import java.time.Duration;
import java.util.Optional;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;

/**
 * The close of an application's context: launchers are told of it, and where the application has handed over to a successor, no
 * phase of the close takes so long that the launcher's patience is over before the beans are destroyed.
 */
final class OrderlyClose {

    private static final Log logger = LogFactory.getLog(OrderlyClose.class);

    private final ConfigurableApplicationContext context;
    private final Duration grace;

    /**
     * A close that is about to begin.
     *
     * @param grace how long a launcher waits for one that has consented
     */
    OrderlyClose(ConfigurableApplicationContext context, Duration grace) {
        this.context = context;
        this.grace = grace;
    }

    /** Before any phase of the close. Never throws: the close goes on whatever breaks. */
    void begin(LaunchPermit permit) {
        Optional<Duration> deadline = handoffDeadline();
        permit.closing(deadline.isPresent() ? grace : SecondStarts.CLOSING);
        deadline.ifPresent(this::shortenPhases);
    }

    /** The deadline of the handoff that is in force, which is told that this is the end. */
    private Optional<Duration> handoffDeadline() {
        try {
            return context.getBeanProvider(RelaunchHandoffs.class).stream()
                    .filter(handoffs -> handoffs.closing().isPresent())
                    .map(RelaunchHandoffs::deadline)
                    .findFirst();
        } catch (RuntimeException e) {
            // A context that failed to start, for one, has no such beans.
            logger.debug("It cannot be told whether a handoff is in force", e);
            return Optional.empty();
        }
    }

    /** One phase may take half the grace, so that as much is left for the beans; and never most of the deadline. */
    private void shortenPhases(Duration deadline) {
        long most = Math.min(grace.toMillis() / 2, deadline.toMillis() / 4);
        try {
            ConfigurableListableBeanFactory beans = context.getBeanFactory();
            if (beans.getSingleton(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME)
                    instanceof DefaultLifecycleProcessor processor) {
                long configured = Binder.get(context.getEnvironment())
                        .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
                        .map(Duration::toMillis)
                        .orElse(Long.MAX_VALUE);
                long shortened = Math.min(most, configured);
                processor.setTimeoutPerShutdownPhase(shortened);
                // A phase may have a timeout of its own, which would win.
                for (Lifecycle bean :
                        beans.getBeansOfType(Lifecycle.class, false, false).values()) {
                    processor.setTimeoutForShutdownPhase(
                            bean instanceof Phased phased ? phased.getPhase() : 0, shortened);
                }
                logger.debug("A phase of this close takes %d ms at most".formatted(shortened));
            }
        } catch (RuntimeException | LinkageError e) {
            logger.warn("The phases of this close keep their timeouts, and the watchdog may end it", e);
        }
    }
}
