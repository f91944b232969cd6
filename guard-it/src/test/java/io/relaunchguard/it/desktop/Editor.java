package io.relaunchguard.it.desktop;

import io.relaunchguard.it.embedding.X11Foreground;
import io.relaunchguard.statemachine.SecondStartHandler;
import io.relaunchguard.statemachine.desktop.WindowToFront;
import java.awt.Color;
import java.awt.EventQueue;
import javax.swing.JFrame;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** An application with a red window, which it brings to the front when it is started a second time. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Editor {

    public static void main(String[] args) {
        new SpringApplicationBuilder(Editor.class)
                .web(WebApplicationType.NONE)
                .headless(false)
                .run(args);
    }

    /** The guide's, or the one that is there by default: setting {@code activates}. */
    @Bean
    SecondStartHandler handler(@Value("${activates}") boolean activates) {
        return activates ? new X11Foreground() : new WindowToFront();
    }

    @EventListener(ApplicationReadyEvent.class)
    void show() {
        EventQueue.invokeLater(() -> {
            JFrame window = new JFrame("Editor");
            window.getContentPane().setBackground(Color.RED);
            window.setBounds(100, 100, 300, 300);
            window.setVisible(true);
            System.out.println("ready");
        });
    }
}
