package io.relaunchguard.it.jcef;

import io.relaunchguard.statemachine.RelaunchHandoffs;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import me.friwi.jcefmaven.CefAppBuilder;
import org.cef.CefApp;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;

/** What the guide's launcher has instead where the guard is off: it initialises CEF whoever holds the profile. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "relaunch-guard.enabled", havingValue = false)
class Unguarded {

    @Bean(destroyMethod = "dispose")
    @Lazy
    @Primary // to the launcher's own, which needs a permit
    CefApp unguardedCef(
            @Value("${relaunch-guard.profile}") Path profile,
            @Value("${launcher.cef}") File directory,
            @Value("${launcher.arguments}") String[] arguments)
            throws Exception {
        CefAppBuilder builder = new CefAppBuilder();
        builder.setInstallDir(directory);
        builder.addJcefArgs(arguments);
        builder.getCefSettings().windowless_rendering_enabled = false;
        builder.getCefSettings().root_cache_path = profile.toString();
        builder.getCefSettings().cache_path = profile.resolve("Default").toString();
        return builder.build();
    }

    @Bean
    RelaunchHandoffs handoffs(@Value("${relaunch-guard.profile}") Path profile) {
        return new RelaunchHandoffs(() -> profile, Duration.ofSeconds(10));
    }
}
