package io.relaunchguard.it.jcef;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.desktop.Person;
import io.relaunchguard.it.embedding.JcefLauncher;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import java.awt.AWTException;
import java.awt.Component;
import java.awt.EventQueue;
import java.awt.Frame;
import java.awt.Point;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.swing.JButton;
import javax.swing.JFrame;
import org.cef.CefClient;
import org.cef.browser.CefBrowser;
import org.cef.browser.CefFrame;
import org.cef.handler.CefDisplayHandlerAdapter;
import org.cef.handler.CefLoadHandlerAdapter;
import org.cef.network.CefCookieManager;
import org.junit.jupiter.api.condition.OS;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/**
 * The launcher of the guide, and what goes wrong with it: a page's title is a fault, and so may the setting
 * {@code faulty.start} be. Says {@code <pid> loaded 200} when a page is there and its cookies are on the disk,
 * into the file that {@link #SAID} names.
 */
@Configuration(proxyBeanMethods = false)
public class FaultyLauncher {

    /** Of its window. */
    static final Path PICTURE = Path.of("target", "screenshots", "updated.png").toAbsolutePath();

    /** What tells one build of it from another: a property of the JVM. */
    static final String BUILD = "launcher.build";

    /** The variable with the file for what it says: on Windows a successor has no output. */
    static final String SAID = "LAUNCHER_SAID";

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    public static void main(String[] args) throws IOException {
        if (OS.WINDOWS.isCurrentOs()) {
            System.setErr(new PrintStream(new FileOutputStream(System.getenv(SAID), true), true, UTF_8));
        }
        say("is build " + System.getProperty(BUILD, "0"));
        new SpringApplicationBuilder(JcefLauncher.class, Unguarded.class, FaultyLauncher.class)
                .web(WebApplicationType.NONE)
                .headless(false)
                .run(args);
    }

    @EventListener(ContextClosedEvent.class)
    void closed() {
        say("closed");
    }

    /** Looks at what the browser does. */
    @Bean
    static BeanPostProcessor observer(ApplicationContext application) {
        String fault = application.getEnvironment().getProperty("faulty.start", "");
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof CefClient client) {
                    observe(client, application);
                    if (fault.equals("block")) {
                        say("blocks");
                        hang();
                    }
                } else if (bean instanceof RelaunchHandoffs && fault.equals("lock of another host")) {
                    Path profile = Path.of(application.getEnvironment().getRequiredProperty("relaunch-guard.profile"));
                    try {
                        Files.createSymbolicLink(profile.resolve("SingletonLock"), Path.of("elsewhere-4711"));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return bean;
            }
        };
    }

    private static void observe(CefClient client, ApplicationContext application) {
        client.addLoadHandler(new CefLoadHandlerAdapter() {
            @Override
            public void onLoadEnd(CefBrowser browser, CefFrame frame, int status) {
                CefCookieManager.getGlobalManager().flushStore(() -> say("loaded " + status));
            }
        });
        client.addDisplayHandler(new CefDisplayHandlerAdapter() {
            @Override
            public void onTitleChange(CefBrowser browser, String title) {
                if (title.equals("block the browser's thread")) {
                    say("blocks");
                    hang();
                }
                new Thread(() -> act(title, application)).start();
            }
        });
    }

    private static void act(String fault, ApplicationContext application) {
        switch (fault) {
            case "press Update now" -> EventQueue.invokeLater(FaultyLauncher::pressUpdate);
            case "be photographed" -> photograph();
            case "be in the task bar" -> EventQueue.invokeLater(FaultyLauncher::iconify);
            case "hand over" -> handOver(application);
            case "hand over and close" -> {
                handOver(application);
                ((ConfigurableApplicationContext) application).close();
                System.exit(0);
            }
            case "block the event thread" ->
                EventQueue.invokeLater(() -> {
                    say("blocks");
                    hang();
                });
            case "hang in a shutdown hook" -> {
                Runtime.getRuntime().addShutdownHook(new Thread(FaultyLauncher::hang));
                System.exit(0);
            }
            case "halt" -> Runtime.getRuntime().halt(0);
            default -> say("shows " + fault);
        }
    }

    /** Consents and starts the successor; what becomes of this process is the next fault's. */
    private static void handOver(ApplicationContext application) {
        List<String> command =
                List.of(application.getEnvironment().getRequiredProperty("launcher.command", String[].class));
        try (RelaunchHandoff handoff =
                application.getBean(RelaunchHandoffs.class).begin("1", "2")) {
            handoff.start(command, Path.of("").toAbsolutePath());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        say("handed over");
    }

    private static void pressUpdate() {
        for (Frame frame : Frame.getFrames()) {
            for (Component component : ((JFrame) frame).getContentPane().getComponents()) {
                if (component instanceof JButton update) {
                    update.doClick();
                }
            }
        }
    }

    /** Says when it is there, and when it has come back. */
    private static void iconify() {
        Frame window = Frame.getFrames()[0];
        window.addWindowStateListener(
                change -> say(change.getNewState() == Frame.ICONIFIED ? "is in the task bar" : "came back"));
        window.setExtendedState(Frame.ICONIFIED);
    }

    /** Once the page is on the screen. */
    private static void photograph() {
        Frame window = Frame.getFrames()[0];
        window.setAlwaysOnTop(true); // Windows lets no program in the background come to the front
        Point place = window.getLocationOnScreen();
        Point middle = new Point(place.x + window.getWidth() / 2, place.y + window.getHeight() / 2);
        try {
            Person person = new Person(PICTURE.getParent());
            await().atMost(30, SECONDS).until(() -> person.colour(middle) == Site.COLOUR.getRGB());
            person.photograph(window, PICTURE.getFileName().toString());
        } catch (AWTException | IOException e) {
            throw new IllegalStateException(e);
        }
        say("was photographed");
    }

    private static void say(String what) {
        try {
            Files.writeString(
                    Path.of(System.getenv(SAID)),
                    ProcessHandle.current().pid() + " " + what + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void hang() {
        try {
            NEVER.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
