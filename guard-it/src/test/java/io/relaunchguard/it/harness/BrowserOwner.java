package io.relaunchguard.it.harness;

import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.RelaunchHandoff;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** An application with a real Chromium in a process of its own, which it hands over, and then hangs. */
public final class BrowserOwner {

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private BrowserOwner() {}

    /** The command that starts it; it says "ready" and the browser's process id. */
    public static List<String> command(Path profile, String deadline) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BrowserOwner.class.getName(),
                profile.toString(),
                deadline);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path profile = Path.of(args[0]);
        ProfilePorts ports = LaunchGuard.currentPlatform().open(profile);
        LaunchPermit permit = LaunchGuard.on(ports).launch().permitOrThrow();
        CountDownLatch locked = new CountDownLatch(1);
        var unused = ports.lock().watch(() -> {
            if (ports.lock().read().toOptional().isPresent()) {
                locked.countDown();
            }
        });
        Process browser = new ProcessBuilder(Chromium.command(profile))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        permit.usedBy(browser.pid());
        locked.await();
        permit.close();
        RelaunchHandoff.begin(profile, "1", "2", Duration.parse(args[1])).startedElsewhere();
        System.out.println("ready "
                + ports.lock().read().map(SingletonLock::pid).toOptional().orElseThrow());
        NEVER.await();
    }
}
