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

/** The configuration that keeps the endpoint to this machine, on the application's port or on a port of its own. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, FilterRegistrationBean.class})
@ConditionalOnBean(RelaunchGuardEndpoint.class)
public class LoopbackOnlyManagementConfiguration {

    /**
     * Returns a filter on every path, because what comes before the endpoint's own path differs. It examines only
     * requests for the endpoint.
     */
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

    /**
     * Returns whether the request asks for this path. The container has decoded the request's path, and has removed
     * parameters and doubled slashes.
     */
    private static boolean isAsked(HttpServletRequest request, @Nullable String path) {
        if (path == null) {
            return false;
        }
        String pathInfo = request.getPathInfo();
        String asked = request.getServletPath() + (pathInfo == null ? "" : pathInfo) + "/";
        return asked.contains(path + "/");
    }
}
