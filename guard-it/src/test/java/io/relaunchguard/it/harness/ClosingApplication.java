package io.relaunchguard.it.harness;

import io.relaunchguard.statemachine.HandoffResult;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** A web application with graceful shutdown and a browser that reads an event stream of it, which closes in one way or another. */
public final class ClosingApplication {

    private ClosingApplication() {}

    /** The command that starts it. */
    public static List<String> command(Path profile, String disposal, String... successor) {
        List<String> command = new ArrayList<>(OutgoingApplication.command(disposal, profile, successor));
        command.set(command.indexOf(OutgoingApplication.class.getName()), ClosingApplication.class.getName());
        return command;
    }

    /** Hands over to the successor, or, without one, closes because its user has closed it. */
    public static void main(String[] args) throws IOException {
        Path profile = Path.of(args[1]);
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .bannerMode(Banner.Mode.OFF)
                .run(
                        "--relaunch-guard.profile=" + profile,
                        "--relaunch-guard.handoff-deadline=2m",
                        "--server.port=0",
                        "--server.shutdown=graceful",
                        "--disposal=" + args[0]);
        OutgoingApplication.takeLock(profile);
        URI page =
                URI.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port") + "/events");
        openStream(page.toURL());
        System.out.println("ready");
        if (args.length > 2) {
            HandoffResult result = context.getBean(RelaunchHandoffs.class)
                    .begin("1", "2")
                    .handOver(List.of(args).subList(2, args.length), profile);
            System.out.println(result.getClass().getSimpleName());
        }
        context.close();
        System.out.println("closed");
        System.exit(0);
    }

    private static void openStream(URL page) throws IOException {
        BufferedReader lines = new BufferedReader(
                new InputStreamReader(page.openConnection().getInputStream(), StandardCharsets.UTF_8));
        if (lines.readLine() == null) {
            throw new IOException("the stream has ended");
        }
        Thread reader = new Thread(() -> lines.lines().forEach(line -> {}), "browser");
        reader.setDaemon(true);
        reader.setUncaughtExceptionHandler((thread, e) -> System.out.println("the stream broke"));
        reader.start();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @RestController
    static class Application {

        @GetMapping("/events")
        SseEmitter events() throws IOException {
            SseEmitter emitter = new SseEmitter(0L);
            emitter.send("first");
            return emitter;
        }

        /** The browser: ends well, hangs, or takes until somebody lets it go on. */
        @Bean
        DisposableBean browser(LaunchPermit permit, Environment environment) {
            String disposal = environment.getRequiredProperty("disposal");
            return () -> {
                System.out.println("disposing");
                if (disposal.equals("hangs")) {
                    new CountDownLatch(1).await();
                }
                if (disposal.equals("is slow")) {
                    Path go = permit.profile().resolveSibling("go");
                    while (Files.notExists(go)) {
                        Thread.sleep(20);
                    }
                }
                System.out.println("disposed");
            };
        }
    }
}
