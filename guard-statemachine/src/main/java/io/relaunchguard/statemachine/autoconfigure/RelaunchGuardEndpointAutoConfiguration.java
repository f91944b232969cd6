package io.relaunchguard.statemachine.autoconfigure;

import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.endpoint.RelaunchGuardEndpoint;
import io.relaunchguard.statemachine.endpoint.RelaunchGuardEndpointWebExtension;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * The configuration of the Actuator endpoint. The endpoint shows processes, hosts and paths, so
 * {@link LoopbackOnlyManagementConfiguration} keeps it to this machine on the web. That takes a servlet filter; so
 * there is no endpoint in a reactive application.
 */
@AutoConfiguration(after = RelaunchGuardAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean({LaunchProgress.class, LaunchHistory.class})
@ConditionalOnAvailableEndpoint(RelaunchGuardEndpoint.class)
@Conditional(RelaunchGuardEndpointAutoConfiguration.NotReactive.class)
public final class RelaunchGuardEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RelaunchGuardEndpoint relaunchGuardEndpoint(
            LaunchProgress progress, LaunchHistory history, RelaunchGuardProperties properties) {
        return new RelaunchGuardEndpoint(progress, history, properties.history().limit());
    }

    @Bean
    @ConditionalOnBean(RelaunchGuardEndpoint.class)
    @ConditionalOnMissingBean
    RelaunchGuardEndpointWebExtension relaunchGuardEndpointWebExtension(RelaunchGuardEndpoint endpoint) {
        return new RelaunchGuardEndpointWebExtension(endpoint);
    }

    /** The condition that the application is not reactive, because reactive applications have no servlet filters. */
    static final class NotReactive extends NoneNestedConditions {

        NotReactive() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
        static final class Reactive {}
    }
}
