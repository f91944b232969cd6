package io.relaunchguard.it.harness;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A launcher whose own process makes the lock, as JCEF has it: the browser is this JVM. The host's name is its second
 * argument.
 */
public final class BrowserInTheLauncher {

    private BrowserInTheLauncher() {}

    /** The command that starts it on a host of this name. */
    public static List<String> command(Path profile, String host) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BrowserInTheLauncher.class.getName(),
                profile.toString(),
                host);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path profile = Path.of(args[0]);
        try (LaunchPermit permit = LaunchGuard.forProfile(profile).launch().permitOrThrow()) {
            Files.createSymbolicLink(
                    permit.profile().resolve("SingletonLock"),
                    Path.of(args[1] + "-" + ProcessHandle.current().pid()));
        }
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
