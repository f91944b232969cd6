package io.relaunchguard.it.crash;

import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A launcher on the real ports that tells of every call, or stands still for ever at one of them. Arguments: the profile, how
 * long it waits for the cache, and the moment and the point at which it stands still, if it does.
 */
final class CrashLauncher {

    static final String STANDING = "standing still";
    static final String ENDED = "ended ";

    private CrashLauncher() {}

    public static void main(String[] arguments) throws Exception {
        ObservedPorts observed =
                new ObservedPorts(arguments.length > 2 ? standStillAt(arguments[2], arguments[3]) : tell());
        LaunchResult result = LaunchGuard.on(
                        observed.of(LaunchGuard.currentPlatform().open(Path.of(arguments[0]))))
                .withPolicy(policy(Duration.parse(arguments[1])))
                .withListener(observed)
                .launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            permitted.permit().close();
        }
        System.out.println(ENDED + result.report().outcome());
    }

    /** Short waits for what will not come; long ones for what will, on however busy a machine. */
    static LaunchPolicy policy(Duration cacheRelease) {
        return new LaunchPolicy(
                Duration.ofMinutes(5),
                Duration.ofSeconds(60),
                Duration.ofMillis(20),
                Duration.ofMillis(20),
                Duration.ofMillis(20),
                Duration.ofSeconds(60),
                cacheRelease,
                Duration.ofMillis(20));
    }

    private static ObservedPorts.Observer tell() {
        return (point, moment) -> {
            synchronized (System.out) {
                System.out.println(moment + " " + point);
            }
        };
    }

    private static ObservedPorts.Observer standStillAt(String moment, String point) {
        CallPoint.Moment wanted = CallPoint.Moment.valueOf(moment);
        CallPoint place = CallPoint.parse(point);
        return (reached, when) -> {
            if (when == wanted && reached.equals(place)) {
                System.out.println(STANDING);
                System.out.flush();
                standStill();
            }
        };
    }

    /** For ever, and whoever interrupts it: a launch that is given up interrupts its thread. */
    private static void standStill() {
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            try {
                never.await();
            } catch (InterruptedException e) {
                // It stands all the same.
            }
        }
    }
}
