package io.relaunchguard.it.page;

import io.relaunchguard.it.cli.LaunchCommand;
import io.relaunchguard.statemachine.page.LoopbackOnlyFilter;
import io.relaunchguard.statemachine.page.PageData;
import io.relaunchguard.statemachine.page.PageRoutes;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** The page on a server of its own, which only this machine can reach. Closing the page ends the server. */
public final class LifecyclePage implements LaunchCommand.Display {

    private static final String HOST = "127.0.0.1";

    /**
     * The logger that stays silent, because the command itself reports, as its own error, what keeps the server from
     * starting. The field keeps the logger, because its level lasts only as long as the logger does.
     */
    private static final Logger BOOT = Logger.getLogger("org.springframework.boot");

    private final ConfigurableApplicationContext server;

    private LifecyclePage(ConfigurableApplicationContext server) {
        this.server = server;
    }

    /**
     * Starts the server.
     *
     * @param port the port; 0 for a free one
     */
    static LifecyclePage start(int port, PageData data) {
        BOOT.setLevel(Level.OFF);
        SpringApplication application = new SpringApplicationBuilder(Server.class)
                .web(WebApplicationType.SERVLET)
                .initializers(context -> ((GenericApplicationContext) context).registerBean(PageData.class, () -> data))
                .build();
        // Give them as arguments, so that no variable of the environment and no file changes them.
        return new LifecyclePage(application.run(
                "--server.address=" + HOST,
                "--server.port=" + port,
                "--server.servlet.context-path=/",
                "--server.ssl.enabled=false",
                "--server.shutdown=immediate",
                "--spring.config.location=optional:classpath:/none/",
                "--spring.main.banner-mode=off",
                "--spring.main.log-startup-info=false",
                "--spring.web.resources.add-mappings=false",
                "--management.endpoints.web.exposure.exclude=*",
                "--relaunch-guard.enabled=false",
                "--relaunch-guard.page.enabled=false"));
    }

    /** Returns the address of the page for a browser. */
    public String url() {
        return "http://%s:%s%s"
                .formatted(HOST, server.getEnvironment().getProperty("local.server.port"), PageRoutes.PATH);
    }

    @Override
    public void keep() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (RuntimeException | LinkageError e) {
            LogFactory.getLog(LifecyclePage.class).warn("The server of the page did not close", e);
        }
    }

    /** The configuration of the server. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Server {

        @Bean
        RouterFunction<ServerResponse> page(PageData data) {
            return new PageRoutes(data).routes();
        }

        /** Returns the filter for every path, because Boot maps a filter bean to every path. */
        @Bean
        LoopbackOnlyFilter loopbackOnlyFilter() {
            return new LoopbackOnlyFilter();
        }
    }
}
