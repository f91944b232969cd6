package io.relaunchguard.it.drill;

import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.it.cli.LaunchCommand;
import io.relaunchguard.it.page.RelayedLaunches;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * The bench of one scenario: a profile directory of its own, holders, and a launcher in a process of its own. When the
 * scenario is over, the bench ends every process that was started, through its own process object or pin.
 */
final class Bench implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final RelayedLaunches shown;
    private final Path profile;
    private final ProfilePorts ports;
    private final List<Process> holders = new ArrayList<>();
    private final List<PinnedProcess> others = new ArrayList<>();
    private final List<DrillBrowser> browsers = new ArrayList<>();
    private final @Nullable Path program;
    private Duration cacheRelease = Duration.ofMillis(500);
    private Runnable letGo = () -> {};

    /**
     * Creates a bench that shows its launches there.
     *
     * @param program the browser; null if there is none
     */
    Bench(RelayedLaunches shown, @Nullable Path program) throws IOException {
        this.shown = shown;
        this.program = program;
        // Short, because a browser has a socket below it.
        this.profile = Files.createTempDirectory("rg-drill");
        this.ports = LaunchGuard.currentPlatform().open(profile);
    }

    /** Starts a holder and waits until it has taken the lock. Returns the PID that it reports. */
    long hold(Behaviour behaviour, String... more) throws IOException {
        List<String> line =
                SelfCommand.line("drill-holder", "--profile", profile.toString(), "--behaviour", behaviour.name());
        line.addAll(List.of(more));
        Process process =
                new ProcessBuilder(line).redirectError(Redirect.INHERIT).start();
        holders.add(process);
        String reported = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (reported == null) {
            throw new IOException("the drill's holder ended before it had the lock");
        }
        long pid = Long.parseLong(reported);
        if (pid != process.pid()) {
            others.add(ports.processes().pin(pid).toOptional().orElseThrow());
        }
        return pid;
    }

    /** Starts a browser on the profile and waits until it answers. Its helpers need a moment to end after it. */
    DrillBrowser browse() throws IOException, InterruptedException {
        cacheRelease = Duration.ofSeconds(3);
        DrillBrowser browser = DrillBrowser.start(Objects.requireNonNull(program), profile);
        browsers.add(browser);
        browser.awaitReady(PATIENCE);
        return browser;
    }

    /** Keeps the first thread of a browser from running while its others go on. */
    void hang(DrillBrowser browser) throws IOException {
        hold(Behaviour.HANGS_ANOTHER, "--pid", Long.toString(browser.pid()));
    }

    /** Takes the lock for this very process. */
    void takeLock() throws IOException {
        long pid = ProcessHandle.current().pid();
        String host = ports.host().read().host().toOptional().orElseThrow();
        letGo = DrillHost.current().takeLock(profile, new SingletonLock(host, pid));
    }

    /** Writes the consent of a process. */
    void consent(long pid) throws IOException {
        new MarkerWriter(ports).write(pid, "1", "2", Duration.ofSeconds(10));
    }

    /** Writes the consent of a process of this user, then alters it. */
    void consent(UnaryOperator<ConsentMarker> alteration) throws IOException {
        long self = ProcessHandle.current().pid();
        ports.markers().write(alteration.apply(new MarkerWriter(ports).write(self, "1", "2", Duration.ofSeconds(10))));
    }

    /** Returns the start token of a process. */
    String startOf(long pid) {
        return ports.processes().look(pid).toOptional().orElseThrow().start();
    }

    /** Runs a launcher in a process of its own, and returns its report. */
    String launch() throws IOException, InterruptedException {
        return launch(state -> {});
    }

    /**
     * Runs a launcher like {@link #launch()}. The consumer {@code progress} receives each line that the launcher writes
     * about a state.
     */
    String launch(Consumer<String> progress) throws IOException, InterruptedException {
        Path report = profile.resolve(DrillHolderCommand.REPORT_FILE);
        Process launcher = new ProcessBuilder(SelfCommand.line("launch", launchArguments()))
                .redirectOutput(report.toFile())
                .start();
        try (BufferedReader lines = launcher.errorReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> {
                shown.told(line);
                progress.accept(line);
            });
        }
        launcher.waitFor();
        return told(Files.readString(report));
    }

    /** Runs a launcher inside this very process, and returns its report. */
    String launchHere() {
        StringWriter report = new StringWriter();
        new CommandLine(new LaunchCommand())
                .setOut(new PrintWriter(report))
                .setErr(new PrintWriter(Writer.nullWriter()) {
                    @Override
                    public void println(String line) {
                        shown.told(line);
                    }
                })
                .execute(launchArguments());
        return told(report.toString());
    }

    /** Returns the report of the launcher that a holder started, once that launcher has ended. */
    String reportOf(long launcher) throws IOException, InterruptedException {
        awaitExit(other(launcher));
        return told(Files.readString(profile.resolve(DrillHolderCommand.REPORT_FILE)));
    }

    /** Lets a healthy holder end by itself. */
    void letHolderEnd() {
        holders.forEach(holder -> {
            try {
                holder.getOutputStream().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Waits until every holder has exited. */
    void awaitHolders() {
        holders.forEach(holder -> holder.onExit().join());
    }

    /** Ends a process that a holder started. */
    void end(long pid) throws InterruptedException {
        other(pid).forceExit();
        awaitExit(other(pid));
    }

    /** Returns whether every holder is still alive. */
    boolean holdersAreAlive() {
        return holders.stream().allMatch(Process::isAlive);
    }

    @Override
    public void close() {
        others.forEach(process -> {
            process.forceExit();
            process.close();
        });
        holders.forEach(holder -> holder.destroyForcibly().onExit().join());
        browsers.forEach(DrillBrowser::close);
        letGo.run();
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String[] launchArguments() {
        return new String[] {
            "--json",
            "--progress",
            "--profile=" + profile,
            "--teardown-grace=PT0.5S",
            "--teardown-grace-limit=PT1.5S",
            "--term-grace=PT1.5S",
            "--cache-release=" + cacheRelease
        };
    }

    private String told(String report) {
        shown.ended(report);
        return report;
    }

    private PinnedProcess other(long pid) {
        return others.stream().filter(pin -> pin.pid() == pid).findFirst().orElseThrow();
    }

    private static void awaitExit(PinnedProcess process) throws InterruptedException {
        CountDownLatch exited = new CountDownLatch(1);
        process.onExit(exited::countDown);
        if (!exited.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("process %d did not end".formatted(process.pid()));
        }
    }
}
