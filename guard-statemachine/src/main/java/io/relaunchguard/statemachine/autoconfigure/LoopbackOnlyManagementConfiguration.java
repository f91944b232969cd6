package io.relaunchguard.statemachine.autoconfigure;

import io.relaunchguard.statemachine.endpoint.RelaunchGuardEndpoint;
import io.relaunchguard.statemachine.page.LoopbackOnlyFilter;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/** Keeps the endpoint to this machine, on the application's port or on one of its own. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, FilterRegistrationBean.class})
@ConditionalOnBean(RelaunchGuardEndpoint.class)
public class LoopbackOnlyManagementConfiguration {

    /** On every path, because what comes before the endpoint's own differs: only its own requests are looked at. */
    @Bean
    FilterRegistrationBean<Filter> relaunchGuardEndpointFilter(PathMappedEndpoints endpoints) {
        @Nullable String path = endpoints.getPath(EndpointId.of("relaunchguard"));
        LoopbackOnlyFilter filter = new LoopbackOnlyFilter();
        FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>((request, response, chain) -> {
            if (isAsked((HttpServletRequest) request, path)) {
                filter.doFilter(request, response, chain);
            } else {
                chain.doFilter(request, response);
            }
        });
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    /** The container has decoded the path, and taken parameters and doubled slashes out of it. */
    private static boolean isAsked(HttpServletRequest request, @Nullable String path) {
        if (path == null) {
            return false;
        }
        String pathInfo = request.getPathInfo();
        String asked = request.getServletPath() + (pathInfo == null ? "" : pathInfo) + "/";
        return asked.contains(path + "/");
    }
}
