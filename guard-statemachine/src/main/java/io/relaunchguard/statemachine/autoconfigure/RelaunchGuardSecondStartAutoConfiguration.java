package io.relaunchguard.statemachine.autoconfigure;

import io.relaunchguard.statemachine.SecondStartHandler;
import io.relaunchguard.statemachine.desktop.WindowToFront;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties;
import io.relaunchguard.statemachine.start.SecondStarts;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;

/**
 * The configuration that gives second starts to the application once it has started. It publishes an event, calls the
 * handlers among the application's beans, and by default brings the application's windows to the front.
 */
@AutoConfiguration(after = RelaunchGuardAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = RelaunchGuardProperties.PREFIX + ".second-start.enabled")
@ConditionalOnBean(SecondStarts.class)
public final class RelaunchGuardSecondStartAutoConfiguration {

    /** Returns the default handler of a second start. */
    @Bean
    @ConditionalOnMissingBean
    SecondStartHandler windowToFront() {
        return new WindowToFront();
    }

    /** Returns the listener that begins the delivery. */
    @Bean
    ApplicationListener<ApplicationReadyEvent> secondStartDelivery(
            SecondStarts secondStarts,
            ObjectProvider<SecondStartHandler> handlers,
            ApplicationEventPublisher publisher) {
        return ready -> secondStarts.deliverTo(start -> {
            publisher.publishEvent(start);
            handlers.orderedStream().forEach(handler -> handler.secondStart(start));
        });
    }
}
