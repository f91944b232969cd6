package io.relaunchguard.it.embedding;

import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoff;
import java.awt.EventQueue;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.swing.JFrame;
import me.friwi.jcefmaven.CefAppBuilder;
import org.cef.CefApp;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** A desktop launcher with a browser in its window. */
@SpringBootApplication
public class JcefLauncher {

    public static void main(String[] args) {
        new SpringApplicationBuilder(JcefLauncher.class).headless(false).run(args);
    }

    @Bean(destroyMethod = "dispose")
    @Lazy // initialised by the window, and so not in a training run
    CefApp cef(LaunchPermit permit) throws Exception { // no permit, no CEF
        CefAppBuilder builder = new CefAppBuilder();
        builder.setInstallDir(new File("jcef"));
        builder.getCefSettings().windowless_rendering_enabled = false;
        builder.getCefSettings().root_cache_path = permit.profile().toString();
        CefApp cef = builder.build();
        RelaunchHandoff.installGracefulTermination(); // CEF took the JVM's SIGTERM
        return cef;
    }

    @Bean
    ApplicationRunner window(ObjectProvider<CefApp> cef) {
        return arguments -> EventQueue.invokeAndWait(() -> {
            JFrame window = new JFrame("Launcher");
            var client = cef.getObject().createClient();
            window.add(client.createBrowser("https://example.org", false, false).getUIComponent());
            window.setSize(1024, 768);
            window.setVisible(true);
        });
    }

    /** After the new version was put in place. */
    static void restart(ConfigurableApplicationContext application, LaunchPermit permit) throws IOException {
        try (var handoff = RelaunchHandoff.begin(permit.profile(), "1.4", "1.5", Duration.ofSeconds(10))) {
            handoff.start(List.of("/opt/launcher/bin/launcher"), Path.of("/opt/launcher"));
        }
        application.close(); // the watchdog ends this process if that hangs
    }
}
