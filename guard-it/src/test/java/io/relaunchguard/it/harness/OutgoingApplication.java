package io.relaunchguard.it.harness;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.relaunchguard.statemachine.RelaunchHandoff;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

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
            case "starts its successor" -> {
                try (RelaunchHandoff handoff = begin(profile, args[2])) {
                    System.out.println(handoff.start(List.of(args).subList(3, args.length), profile));
                }
                ready();
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
