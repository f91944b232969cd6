package io.relaunchguard.it.crash;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One launcher of many: says that it is there, launches when it is told to, and says what came of it. Arguments: the profile,
 * and what it does with the permit. The token of whoever has the permit is a file that must not be there before.
 */
final class ContendingLauncher {

    /** What it does with the permit. */
    enum Use {
        /** Takes the browser's lock and keeps it until its standard input ends. */
        STAYS,
        /** Gives it back, as an application that ended at once. */
        PASSES_ON
    }

    static final String TOKEN = "in-use";

    private ContendingLauncher() {}

    public static void main(String[] arguments) throws IOException {
        Path profile = Path.of(arguments[0]);
        LaunchGuard guard = LaunchGuard.forProfile(profile).withPolicy(CrashLauncher.policy(Duration.ofSeconds(60)));
        // Whatever this loads is loaded before the others are let go.
        guard.explain();
        say("there");
        if (System.in.read() < 0) {
            return;
        }
        LaunchResult result = guard.launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            use(permitted.permit(), profile, Use.valueOf(arguments[1]));
        } else {
            tell(result.report());
        }
    }

    private static void use(LaunchPermit permit, Path profile, Use use) throws IOException {
        Path token = profile.resolveSibling(TOKEN);
        Files.createFile(token);
        if (use == Use.STAYS) {
            String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
            Files.createSymbolicLink(
                    profile.resolve(SingletonLock.FILE_NAME),
                    Path.of(new SingletonLock(host, ProcessHandle.current().pid()).target()));
        }
        tell(permit.report());
        if (use == Use.PASSES_ON) {
            Files.delete(token);
        }
        permit.close();
        while (use == Use.STAYS && System.in.read() >= 0) {
            // Its application runs.
        }
    }

    private static void tell(LaunchReport report) {
        StringBuilder line = new StringBuilder(report.outcome().name());
        for (SentSignal signal : report.signals()) {
            line.append(' ').append(signal.signal()).append(' ').append(signal.pid());
        }
        say(line.toString());
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
