package io.relaunchguard.it.harness;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that is about to be replaced: what it does with its handoff is its first argument. */
public final class OutgoingApplication {

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private OutgoingApplication() {}

    /** The command that starts it. */
    public static List<String> command(String mode, Path profile, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OutgoingApplication.class.getName(),
                mode,
                profile.toString()));
        command.addAll(List.of(more));
        return command;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path profile = Path.of(args[1]);
        switch (args[0]) {
            case "hangs" -> {
                begin(profile, args[2]).startedElsewhere();
                ready();
                NEVER.await();
            }
            case "hangs in a shutdown hook" -> {
                begin(profile, args[2]).startedElsewhere();
                Runtime.getRuntime().addShutdownHook(new Thread(OutgoingApplication::hang));
                ready();
                System.exit(0);
            }
            case "withdraws" -> {
                begin(profile, args[2]).close();
                ready();
                NEVER.await();
            }
            case "withdraws without a free descriptor" -> {
                RelaunchHandoff handoff = begin(profile, args[2]);
                withoutDescriptors(() -> {
                    for (int attempt = 1; attempt <= 2; attempt++) {
                        try {
                            handoff.close();
                            System.out.println("withdrawn");
                        } catch (IOException e) {
                            System.out.println("not withdrawn: " + e.getMessage());
                        }
                    }
                });
                handoff.close();
                ready();
                NEVER.await();
            }
            case "starts its successor" -> {
                try (RelaunchHandoff handoff = begin(profile, args[2])) {
                    System.out.println(handoff.start(List.of(args).subList(3, args.length), profile));
                }
                ready();
                NEVER.await();
            }
            case "hands over by its bean" -> {
                ConfigurableApplicationContext context = launch(profile);
                takeLock(profile);
                try (RelaunchHandoff handoff =
                        context.getBean(RelaunchHandoffs.class).begin("1", "2")) {
                    System.out.println("successor " + handoff.start(command("succeeds", profile), profile));
                }
                NEVER.await();
            }
            case "succeeds" -> {
                LaunchPermit permit = launch(profile).getBean(LaunchPermit.class);
                takeLock(profile);
                System.out.println(
                        permit.report().outcome() + " " + permit.report().signals());
                NEVER.await();
            }
            case "closes gracefully" -> {
                // What JCEF does to the JVM's own handling of SIGTERM.
                LibC.INSTANCE.signal(15, Pointer.NULL);
                RelaunchHandoff.installGracefulTermination();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("closed")));
                ready();
                NEVER.await();
            }
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static RelaunchHandoff begin(Path profile, String deadline) throws IOException {
        return RelaunchHandoff.begin(profile, "1", "2", Duration.parse(deadline));
    }

    /** Does something while this process can open nothing more. */
    private static void withoutDescriptors(Runnable action) throws IOException {
        Deque<InputStream> open = new ArrayDeque<>();
        try {
            for (boolean free = true; free; ) {
                try {
                    open.push(Files.newInputStream(Path.of("/dev/null")));
                } catch (IOException e) {
                    free = false;
                }
            }
            action.run();
        } finally {
            for (InputStream stream : open) {
                stream.close();
            }
        }
    }

    /** A Spring Boot application with the guard, and nothing else. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Launcher {}

    private static ConfigurableApplicationContext launch(Path profile) {
        return new SpringApplicationBuilder(Launcher.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .run("--relaunch-guard.profile=" + profile, "--relaunch-guard.handoff-deadline=2m");
    }

    /** As the browser does once it may start. */
    private static void takeLock(Path profile) throws IOException {
        String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
        Files.createSymbolicLink(
                profile.resolve(SingletonLock.FILE_NAME),
                Path.of(new SingletonLock(host, ProcessHandle.current().pid()).target()));
    }

    private static void ready() {
        System.out.println("ready");
        System.out.flush();
    }

    private static void hang() {
        try {
            NEVER.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        Pointer signal(int signal, Pointer handler);
    }
}
