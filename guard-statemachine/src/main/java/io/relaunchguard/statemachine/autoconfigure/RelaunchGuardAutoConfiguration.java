package io.relaunchguard.statemachine.autoconfigure;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.start.EarlyLaunch;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** The configuration of the permit and the progress of the launch that began before the context. */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = RelaunchGuardProperties.PREFIX + ".enabled", matchIfMissing = true)
@EnableConfigurationProperties(RelaunchGuardProperties.class)
public final class RelaunchGuardAutoConfiguration {

    private static final Log logger = LogFactory.getLog(RelaunchGuardAutoConfiguration.class);

    /**
     * Returns the permit. The code that began the launch closes it, because another context of this process may share
     * it.
     */
    @Bean(destroyMethod = "")
    @Lazy
    @ConditionalOnMissingBean
    LaunchPermit launchPermit(ObjectProvider<EarlyLaunch> launch) {
        return launch.stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no launch was run for this context: start it with SpringApplication, or give it a permit with"
                                + " PermitInitializer"))
                .permit();
    }

    /**
     * Returns the handoffs, which begin a handoff to the successor and publish its result. They ask the permit for its
     * profile only when a handoff begins. Where this process cannot start a successor, the log says so now, and not
     * first when the update is there.
     */
    @Bean
    @ConditionalOnMissingBean
    RelaunchHandoffs relaunchHandoffs(
            ObjectProvider<LaunchPermit> permit,
            RelaunchGuardProperties properties,
            ApplicationEventPublisher application) {
        warnIfNoSuccessorCanBeStarted();
        return new RelaunchHandoffs(
                () -> permit.getObject().profile(),
                properties.handoffDeadline(),
                properties.claimWait(),
                properties.successorEnvironment().rules(),
                application::publishEvent);
    }

    private static void warnIfNoSuccessorCanBeStarted() {
        try {
            LaunchGuard.currentPlatform()
                    .startHindrance()
                    .ifPresent(reason -> logger.warn(
                            "RelaunchHandoff cannot start a successor here: %s. An updater can: see startedElsewhere and awaitClaim."
                                    .formatted(reason)));
        } catch (IllegalStateException noPlatform) {
            logger.debug("Whether a successor can be started is unknown", noPlatform);
        }
    }

    /** Returns the progress of the launch; empty if no launch was run. */
    @Bean
    @ConditionalOnMissingBean
    LaunchProgress launchProgress(ObjectProvider<EarlyLaunch> launch) {
        return launch.stream().findFirst().map(EarlyLaunch::progress).orElseGet(LaunchProgress::new);
    }

    /** Returns the launches on the profile; empty if no launch was run. */
    @Bean
    @ConditionalOnMissingBean
    LaunchHistory launchHistory(ObjectProvider<EarlyLaunch> launch) {
        return launch.stream()
                .findFirst()
                .flatMap(EarlyLaunch::profile)
                .map(profile -> new LaunchHistory(
                        LaunchGuard.currentPlatform().open(profile).history()))
                .orElseGet(LaunchHistory::empty);
    }
}
