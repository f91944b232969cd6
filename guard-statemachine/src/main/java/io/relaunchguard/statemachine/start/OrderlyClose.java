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
 * The orderly close of an application's context. It informs launchers of the close. If the application has handed over
 * to a successor, no phase of the close takes so long that the grace period of the launcher is over before the beans
 * are destroyed.
 */
final class OrderlyClose {

    private static final Log logger = LogFactory.getLog(OrderlyClose.class);

    private final ConfigurableApplicationContext context;
    private final Duration grace;

    /**
     * Creates the close before it begins.
     *
     * @param grace how long a launcher waits for an instance that has consented
     */
    OrderlyClose(ConfigurableApplicationContext context, Duration grace) {
        this.context = context;
        this.grace = grace;
    }

    /** Prepares the close before any phase of it. Never throws: the close goes on whatever breaks. */
    void begin(LaunchPermit permit) {
        Optional<Duration> deadline = handoffDeadline();
        permit.closing(deadline.isPresent() ? grace : SecondStarts.CLOSING);
        deadline.ifPresent(this::shortenPhases);
    }

    /**
     * Returns the deadline of the handoff that is in force, and notes in that handoff that the application begins to
     * close.
     */
    private Optional<Duration> handoffDeadline() {
        try {
            return context.getBeanProvider(RelaunchHandoffs.class).stream()
                    .filter(handoffs -> handoffs.closing().isPresent())
                    .map(RelaunchHandoffs::deadline)
                    .findFirst();
        } catch (RuntimeException e) {
            // A context that failed to start, for example, has no such beans.
            logger.debug("Whether a handoff is in force is not known", e);
            return Optional.empty();
        }
    }

    /**
     * Limits each phase to half the grace period, so that as much is left for the beans, and never to most of the
     * deadline.
     */
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
