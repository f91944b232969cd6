package io.relaunchguard.it.harness;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.HandoffResult;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoff;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;

/** An application that is about to be replaced: what it does with its handoff is its first argument. */
public final class OutgoingApplication {

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private OutgoingApplication() {}

    /** The command that starts it. */
    public static List<String> command(String mode, Path profile, String... more) {
        List<String> command = FreshProject.java();
        command.addAll(List.of(OutgoingApplication.class.getName(), mode, profile.toString()));
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
            case "hands over safely", "hands over and asks before it closes" -> {
                ConfigurableApplicationContext context = launch(profile, args[2]);
                context.addApplicationListener(OutgoingApplication::heard);
                takeLock(profile);
                HandoffResult result = context.getBean(RelaunchHandoffs.class)
                        .begin("1", "2")
                        .handOver(List.of(args).subList(3, args.length), profile);
                System.out.println(result.getClass().getSimpleName() + ": " + result.sentence());
                ready();
                if (result instanceof HandoffResult.Claimed && args[0].equals("hands over safely")) {
                    context.close();
                    System.exit(0);
                }
                NEVER.await();
            }
            case "hands over by its bean" -> {
                ConfigurableApplicationContext context = launch(profile);
                takeLock(profile);
                try (RelaunchHandoff handoff =
                        context.getBean(RelaunchHandoffs.class).begin("1", "2")) {
                    System.out.println(
                            "successor " + handoff.start(List.of(args).subList(2, args.length), profile));
                }
                NEVER.await();
            }
            case "restarts itself" -> restartItself(profile, Integer.parseInt(args[2]), Path.of(args[3]));
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

    private static void heard(ApplicationEvent event) {
        if (event instanceof PayloadApplicationEvent<?> payload
                && payload.getPayload() instanceof HandoffResult result) {
            System.out.println("event " + result.getClass().getSimpleName());
        }
    }

    private static ConfigurableApplicationContext launch(Path profile) {
        return launch(profile, "2m");
    }

    private static ConfigurableApplicationContext launch(Path profile, String deadline) {
        return new SpringApplicationBuilder(Launcher.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .run(
                        "--relaunch-guard.profile=" + profile,
                        "--relaunch-guard.handoff-deadline=" + deadline,
                        "--relaunch-guard.claim-wait=" + deadline);
    }

    /** Notes each start, as it was started, and each successor; ends in good order but for the last. */
    private static void restartItself(Path profile, int times, Path notes) throws IOException, InterruptedException {
        ConfigurableApplicationContext context = launch(profile);
        LaunchPermit permit = context.getBean(LaunchPermit.class);
        takeLock(profile);
        note(
                notes,
                "%d %s in %s with %s"
                        .formatted(
                                ProcessHandle.current().pid(),
                                permit.report().outcome(),
                                Path.of("").toAbsolutePath(),
                                System.getProperty("kept")));
        if (Files.readAllLines(notes).stream()
                        .filter(line -> line.contains(" READY "))
                        .count()
                > times) {
            NEVER.await();
        }
        try (RelaunchHandoff handoff = context.getBean(RelaunchHandoffs.class).begin("1", "2")) {
            HandoffResult result = handoff.restart();
            if (!(result instanceof HandoffResult.Claimed claimed)) {
                throw new IllegalStateException(result.sentence());
            }
            note(notes, claimed.successor().toOptional().orElseThrow() + " started");
        }
        context.close();
        System.exit(0);
    }

    private static void note(Path notes, String line) throws IOException {
        Files.writeString(notes, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** As the browser does once it may start. */
    static void takeLock(Path profile) throws IOException {
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
