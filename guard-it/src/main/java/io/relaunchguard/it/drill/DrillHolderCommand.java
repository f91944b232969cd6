package io.relaunchguard.it.drill;

import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The other side of the drill. It takes the lock of a profile as a browser would, reports that with one line on
 * standard output, and then behaves as its options say.
 */
@Command(name = "drill-holder", hidden = true)
public final class DrillHolderCommand implements Callable<Integer> {

    /** The file with the report of the launcher that {@link Behaviour#RESTARTS_AND_STOPS} starts. */
    static final String REPORT_FILE = "drill-report.json";

    @Option(names = "--profile", required = true)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path profile;

    @Option(names = "--behaviour", required = true)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Behaviour behaviour;

    @Option(names = "--host", defaultValue = "")
    private String host = "";

    @Option(names = "--uid")
    private @Nullable Integer uid;

    @Option(names = "--pid", defaultValue = "-1")
    private long pid;

    /** The action that releases the lock. The field keeps it, as a browser keeps its lock. */
    private Runnable letGo = () -> {};

    @Override
    public Integer call() throws IOException, InterruptedException {
        DrillHost drillHost = DrillHost.current();
        drillHost.endWithParent();
        switch (behaviour) {
            case HEALTHY -> {
                takeLock(drillHost);
                if (uid != null) {
                    drillHost.becomeUser(uid);
                }
                report(ProcessHandle.current().pid());
            }
            case STOPPED -> {
                takeLock(drillHost);
                drillHost.prepareToStop();
                report(ProcessHandle.current().pid());
                drillHost.stop();
            }
            case IGNORES_TERM -> {
                takeLock(drillHost);
                drillHost.ignoreTerm();
                report(ProcessHandle.current().pid());
            }
            case RESTARTS_AND_STOPS -> {
                takeLock(drillHost);
                drillHost.prepareToStop();
                long self = ProcessHandle.current().pid();
                new MarkerWriter(LaunchGuard.currentPlatform().open(profile))
                        .write(self, "1", "2", Duration.ofSeconds(10));
                Process launcher = new ProcessBuilder(
                                SelfCommand.line("launch", "--json", "--profile", profile.toString()))
                        .redirectError(Redirect.INHERIT)
                        .redirectOutput(profile.resolve(REPORT_FILE).toFile())
                        .start();
                report(launcher.pid());
                drillHost.stop();
            }
            case PARENT_THAT_CANNOT_REAP -> {
                Process child = new ProcessBuilder(SelfCommand.line(
                                "drill-holder", "--profile", profile.toString(), "--behaviour", "healthy"))
                        .redirectError(Redirect.INHERIT)
                        .start();
                child.inputReader(StandardCharsets.UTF_8).readLine();
                report(child.pid());
                drillHost.stop();
            }
            case HANGS_ANOTHER -> {
                drillHost.hang(pid);
                report(ProcessHandle.current().pid());
            }
        }
        while (System.in.read() >= 0) {
            // Standard input ends with the drill.
        }
        letGo.run();
        return 0;
    }

    private void takeLock(DrillHost drillHost) throws IOException {
        String localHost = LaunchGuard.currentPlatform()
                .open(profile)
                .host()
                .read()
                .host()
                .toOptional()
                .orElseThrow();
        SingletonLock lock = new SingletonLock(
                host.isEmpty() ? localHost : host, ProcessHandle.current().pid());
        letGo = drillHost.takeLock(profile, lock);
    }

    private static void report(long pid) {
        System.out.println(pid);
        System.out.flush();
    }
}
