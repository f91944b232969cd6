package io.relaunchguard.it.starter;

import java.awt.EventQueue;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import javax.swing.JFrame;
import me.friwi.jcefmaven.CefAppBuilder;
import me.friwi.jcefmaven.MavenCefAppHandlerAdapter;
import org.cef.CefApp;
import org.cef.CefApp.CefAppState;
import org.cef.CefClient;
import org.cef.browser.CefBrowser;
import org.cef.browser.CefFrame;
import org.cef.handler.CefLoadHandlerAdapter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * An application that leaves JCEF to a starter, and has no line of code for the guard. The starter makes CEF, a client and a
 * browser as ordinary beans while the context starts, on a root cache path of its own, and shows a window when the application is
 * ready.
 */
@SpringBootApplication
@ImportAutoConfiguration(StarterLauncher.Starter.class)
public class StarterLauncher {

    public static void main(String[] args) {
        new SpringApplicationBuilder(StarterLauncher.class)
                .web(WebApplicationType.NONE)
                .headless(false)
                .run(args);
    }

    /** What an application adds to such a starter. */
    @Bean
    Consumer<CefAppBuilder> arguments(@Value("${launcher.arguments}") String[] arguments) {
        return builder -> builder.addJcefArgs(arguments);
    }

    /** The starter: it knows nothing of the guard. */
    @AutoConfiguration
    static class Starter {

        @Bean
        CefApp cefApp(
                ConfigurableApplicationContext context,
                @Value("${jcef.application-name}") String name,
                @Value("${launcher.cef}") File directory,
                List<Consumer<CefAppBuilder>> customizers)
                throws Exception {
            CefAppBuilder builder = new CefAppBuilder();
            builder.setInstallDir(directory);
            builder.getCefSettings().windowless_rendering_enabled = false;
            builder.getCefSettings().root_cache_path = data(name).toString();
            builder.setAppHandler(new MavenCefAppHandlerAdapter() {
                @Override
                public void stateHasChanged(CefAppState state) {
                    if (state == CefAppState.TERMINATED) {
                        context.close();
                    }
                }
            });
            customizers.forEach(customizer -> customizer.accept(builder));
            return builder.build();
        }

        private static Path data(String name) {
            return Path.of(Objects.requireNonNull(System.getenv("XDG_DATA_HOME")), name, "cef_data");
        }

        @Bean
        CefClient cefClient(CefApp cefApp) {
            CefClient client = cefApp.createClient();
            client.addLoadHandler(new CefLoadHandlerAdapter() {
                @Override
                public void onLoadEnd(CefBrowser browser, CefFrame frame, int status) {
                    System.out.println(ProcessHandle.current().pid() + " loaded " + status);
                }
            });
            return client;
        }

        @Bean
        CefBrowser cefBrowser(CefClient client, @Value("${launcher.page}") String page) {
            return client.createBrowser(page, false, false);
        }

        @Bean
        Window window(CefBrowser browser) {
            return new Window(browser);
        }
    }

    /** Is there once the application is ready. */
    static class Window {

        private final CefBrowser browser;

        Window(CefBrowser browser) {
            this.browser = browser;
        }

        @EventListener(ApplicationReadyEvent.class)
        void show() {
            EventQueue.invokeLater(() -> {
                JFrame frame = new JFrame("Starter");
                frame.add(browser.getUIComponent());
                frame.setSize(800, 600);
                frame.setVisible(true);
            });
        }
    }
}
