package io.relaunchguard.statemachine.autoconfigure;

import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.page.LoopbackOnlyFilter;
import io.relaunchguard.statemachine.page.PageData;
import io.relaunchguard.statemachine.page.PageRoutes;
import io.relaunchguard.statemachine.start.EarlyLaunch;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties;
import jakarta.servlet.Filter;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** The configuration of the page, if the settings enable it, for this machine only. */
@AutoConfiguration(after = RelaunchGuardAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = RelaunchGuardProperties.PREFIX + ".page.enabled")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, RouterFunction.class, FilterRegistrationBean.class})
@ConditionalOnBean({LaunchProgress.class, LaunchHistory.class})
public final class RelaunchGuardPageAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    PageData relaunchGuardPageData(
            LaunchProgress progress,
            LaunchHistory history,
            RelaunchGuardProperties properties,
            ObjectProvider<EarlyLaunch> launch) {
        String subject = launch.stream()
                .findFirst()
                .flatMap(EarlyLaunch::profile)
                .map(Path::toString)
                .orElse("");
        return PageData.of(
                subject, progress, () -> history.recent(properties.history().limit()));
    }

    @Bean
    RouterFunction<ServerResponse> relaunchGuardPage(PageData data) {
        return new PageRoutes(data).routes();
    }

    @Bean
    FilterRegistrationBean<LoopbackOnlyFilter> relaunchGuardPageFilter() {
        FilterRegistrationBean<LoopbackOnlyFilter> registration =
                new FilterRegistrationBean<>(new LoopbackOnlyFilter());
        registration.addUrlPatterns(PageRoutes.FILTER_PATTERN);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }
}
