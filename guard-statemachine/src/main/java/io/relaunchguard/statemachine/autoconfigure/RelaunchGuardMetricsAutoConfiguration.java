package io.relaunchguard.statemachine.autoconfigure;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.metrics.GuardMetrics;
import io.relaunchguard.statemachine.start.EarlyLaunch;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * The configuration of the meters of the launch, and of earlier launches that no process has counted, for every
 * registry of the application.
 */
@AutoConfiguration(after = RelaunchGuardAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(LaunchProgress.class)
public final class RelaunchGuardMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    GuardMetrics guardMetrics(LaunchProgress progress, ObjectProvider<EarlyLaunch> launch) {
        return launch.stream()
                .findFirst()
                .map(early -> new GuardMetrics(progress, () -> early.permit().takeUncounted()))
                .orElseGet(() -> new GuardMetrics(progress));
    }
}
