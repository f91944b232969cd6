package io.relaunchguard.statemachine.autoconfigure;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.metrics.LaunchMetrics;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The meters of the launch, for every registry of the application. */
@AutoConfiguration(after = RelaunchGuardAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(LaunchProgress.class)
public final class RelaunchGuardMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    LaunchMetrics launchMetrics(LaunchProgress progress) {
        return new LaunchMetrics(progress);
    }
}
