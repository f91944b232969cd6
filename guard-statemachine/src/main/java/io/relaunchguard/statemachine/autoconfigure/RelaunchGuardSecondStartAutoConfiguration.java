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
 * Gives second starts to the application once it has started: as an event, to the handlers among its beans, and by default by
 * bringing its windows to the front.
 */
@AutoConfiguration(after = RelaunchGuardAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = RelaunchGuardProperties.PREFIX + ".second-start.enabled")
@ConditionalOnBean(SecondStarts.class)
public final class RelaunchGuardSecondStartAutoConfiguration {

    /** What is done about one by default. */
    @Bean
    @ConditionalOnMissingBean
    SecondStartHandler windowToFront() {
        return new WindowToFront();
    }

    /** Begins the delivery. */
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
