package io.relaunchguard.it.crash;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One launcher of many: says that it is there, launches whenever it is told to, and says what came of it. It is told by a line: a
 * profile, or nothing for the one of its argument, and after a space what it does with the permit. Whoever has the permit has the
 * file {@link #TOKEN}, which must not be there before.
 */
final class ContendingLauncher {

    /** What it does with the permit. */
    enum Use {
        /** Gives it back, as an application that ended at once. */
        PASSES_ON,
        /** Takes the browser's lock, and keeps it. */
        STAYS
    }

    static final String TOKEN = "in-use";

    private ContendingLauncher() {}

    public static void main(String[] arguments) throws IOException {
        // Whatever this loads is loaded before the others are let go.
        guard(Path.of(arguments[0])).explain();
        say("there");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.isEmpty() ? new String[] {arguments[0], Use.PASSES_ON.name()} : order.split(" ", 2);
            launch(Path.of(words[0]), Use.valueOf(words[1]));
        }
    }

    private static LaunchGuard guard(Path profile) {
        return LaunchGuard.forProfile(profile).withPolicy(CrashLauncher.policy(Duration.ofSeconds(60)));
    }

    private static void launch(Path profile, Use use) throws IOException {
        LaunchResult result = guard(profile).launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            use(permitted.permit(), profile, use);
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
            permit.giveBack();
        }
        permit.close();
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
