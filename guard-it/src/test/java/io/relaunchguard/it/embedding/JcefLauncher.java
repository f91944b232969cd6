package io.relaunchguard.it.embedding;

import io.relaunchguard.statemachine.ConsentRefusedException;
import io.relaunchguard.statemachine.HandoffResult;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import io.relaunchguard.statemachine.desktop.WindowToFront;
import java.awt.BorderLayout;
import java.awt.EventQueue;
import java.io.File;
import java.io.IOException;
import javax.swing.JButton;
import javax.swing.JFrame;
import javax.swing.JOptionPane;
import me.friwi.jcefmaven.CefAppBuilder;
import me.friwi.jcefmaven.MavenCefAppHandlerAdapter;
import org.cef.CefApp;
import org.cef.CefApp.CefAppState;
import org.cef.CefClient;
import org.cef.callback.CefCommandLine;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
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
    CefApp cef( // no permit, no CEF
            LaunchPermit permit,
            @Value("${launcher.cef}") File directory,
            @Value("${launcher.arguments:}") String[] arguments)
            throws Exception {
        CefAppBuilder builder = new CefAppBuilder();
        builder.setInstallDir(directory);
        builder.addJcefArgs(arguments);
        builder.getCefSettings().windowless_rendering_enabled = false;
        builder.getCefSettings().root_cache_path = permit.profile().toString();
        builder.getCefSettings().cache_path =
                permit.profile().resolve("Default").toString();
        builder.setAppHandler(new MavenCefAppHandlerAdapter() {
            @Override
            public void stateHasChanged(CefAppState state) {
                if (state == CefAppState.INITIALIZED) {
                    RelaunchHandoff.installGracefulTermination(); // CEF took the JVM's SIGTERM just now
                } else if (state == CefAppState.INITIALIZATION_FAILED) { // build() returns all the same, and before
                    System.err.println("The browser could not be initialised");
                    EventQueue.invokeLater(() -> {
                        JOptionPane.showMessageDialog(null, "The browser could not be initialised.");
                        System.exit(1);
                    });
                }
            }

            @Override
            public boolean onAlreadyRunningAppRelaunch(CefCommandLine command, String directory) {
                EventQueue.invokeLater(WindowToFront::bringToFront); // a start went past the guard
                return true; // or Chromium opens a window of its own
            }
        });
        return builder.build();
    }

    @Bean
    @Lazy
    CefClient client(CefApp cef) {
        return cef.createClient();
    }

    @Bean
    ApplicationRunner window(
            ObjectProvider<CefClient> client,
            @Value("${launcher.page}") String page,
            RelaunchHandoffs handoffs,
            ConfigurableApplicationContext application) {
        return arguments -> EventQueue.invokeAndWait(() -> {
            JFrame window = new JFrame("Launcher");
            window.add(client.getObject().createBrowser(page, false, false).getUIComponent());
            JButton update = new JButton("Update now");
            update.addActionListener(pressed -> restart(handoffs, application));
            window.add(update, BorderLayout.SOUTH);
            window.setSize(800, 600);
            window.setVisible(true);
        });
    }

    /** After the new version was put in place. */
    static void restart(RelaunchHandoffs handoffs, ConfigurableApplicationContext application) {
        new Thread(
                        () -> { // the window stays of use, and the browser needs its thread to close
                            String sentence;
                            try {
                                HandoffResult result =
                                        handoffs.begin("1.4", "1.5").restart();
                                if (result instanceof HandoffResult.Claimed) {
                                    application.close(); // the watchdog ends this process if that hangs
                                    System.exit(0);
                                }
                                sentence = result.sentence();
                            } catch (IOException | ConsentRefusedException e) {
                                sentence = "The new version could not be started: " + e.getMessage();
                            }
                            String reason = sentence;
                            EventQueue.invokeLater(() -> JOptionPane.showMessageDialog(null, reason));
                        })
                .start();
    }
}
