package io.relaunchguard.it.secondstart;

import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.SecondStartHandler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** An application that stays, and says what it hears of second starts. It starts and closes slowly if it is told to, and hangs in one whose first argument is "hang". */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class RunningApplication {

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    public static void main(String[] args) throws InterruptedException {
        SpringApplication application = new SpringApplication(RunningApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.run(args);
        NEVER.await();
    }

    /** Takes its time to start: setting {@code slow.start}. */
    @Bean
    static String slow(@Value("${slow.start:0s}") Duration time) throws InterruptedException {
        System.out.println("starts");
        awaitNothing(time);
        return "slow";
    }

    /** Takes its time to close: setting {@code slow.close}. */
    @Bean
    DisposableBean slowlyDisposed(@Value("${slow.close:0s}") Duration time) {
        return () -> {
            System.out.println("closes");
            awaitNothing(time);
        };
    }

    private static void awaitNothing(Duration time) throws InterruptedException {
        var unused = NEVER.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        System.out.println("ready");
    }

    @Bean
    SecondStartHandler handler() {
        return RunningApplication::deal;
    }

    private static void deal(SecondStart start) {
        System.out.println("heard %s in %s, by the click %s and the token %s"
                .formatted(
                        start.arguments(),
                        start.workingDirectory(),
                        start.desktop().startupId().orElse("none"),
                        start.desktop().activationToken().orElse("none")));
        if (start.arguments().contains("hang")) {
            try {
                NEVER.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
