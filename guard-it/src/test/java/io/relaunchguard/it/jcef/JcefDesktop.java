package io.relaunchguard.it.jcef;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.it.harness.Display;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import me.friwi.jcefmaven.CefAppBuilder;
import me.friwi.jcefmaven.UnsupportedPlatformException;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.condition.OS;

/** A display with instances of the guide's launcher on one profile, and the site that they show. */
public final class JcefDesktop implements AutoCloseable {

    /** Unpacked once, before the first starts: a slow machine may take longer for it than a test waits for a window. */
    private static final Path CEF = Path.of("target", "jcef").toAbsolutePath();

    /** One that is killed would leave what it shares in {@code /dev/shm} behind there. */
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--disable-dev-shm-usage");

    private static final Pattern LOADED = Pattern.compile("^(\\d+) loaded 200$", Pattern.MULTILINE);

    private static final Pattern CRASHED_IN_GETENV =
            Pattern.compile("^# C  \\[libc\\.so\\.6\\+0x[0-9a-f]+]  getenv\\+", Pattern.MULTILINE);

    private final Sandbox sandbox = new Sandbox();
    private final Path said = sandbox.root().resolve("said");
    /** None on Windows, where the windows are on the desktop that is there. */
    private final Optional<Display> display;

    private final Site site;
    private int visits;
    private ProcessBuilder lastStart = new ProcessBuilder();
    private int crashes;

    public JcefDesktop() throws IOException {
        unpack();
        display = OS.WINDOWS.isCurrentOs() ? Optional.empty() : Optional.of(Display.open());
        site = new Site();
    }

    /** Other test classes do so in JVMs of their own. */
    private static void unpack() throws IOException {
        Path lock = CEF.resolveSibling("jcef.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            CefAppBuilder builder = new CefAppBuilder();
            builder.setInstallDir(CEF.toFile());
            var unused = builder.install();
        } catch (UnsupportedPlatformException e) {
            throw new IOException(e);
        }
    }

    Sandbox sandbox() {
        return sandbox;
    }

    /** Starts one; one that is told to hand over starts its successor by the same command but without these arguments. */
    public Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-Dstderr.encoding=UTF-8",
                "-XX:ErrorFile=" + CEF.resolveSibling("hs_err_pid%p.log"),
                "-cp",
                System.getProperty("java.class.path"),
                FaultyLauncher.class.getName()));
        String successor = String.join(",", command);
        command.addAll(List.of(arguments));
        return start(command, Map.of("LAUNCHER_COMMAND", successor));
    }

    /** Starts one by a command. */
    Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(Redirect.appendTo(sandbox.root().resolve("out").toFile()))
                .redirectError(Redirect.appendTo(sandbox.root().resolve("err").toFile()));
        display.ifPresent(screen -> builder.environment().put("DISPLAY", screen.name()));
        builder.environment().put("RELAUNCHGUARD_PROFILE", sandbox.profile().toString());
        builder.environment().put("LAUNCHER_CEF", CEF.toString());
        builder.environment().put("LAUNCHER_ARGUMENTS", String.join(",", ARGUMENTS));
        builder.environment().put("LAUNCHER_PAGE", site.address());
        builder.environment().put(FaultyLauncher.SAID, said.toString());
        builder.environment().putAll(environment);
        lastStart = builder;
        return sandbox.start(builder);
    }

    /**
     * It was seen once that the JVM crashed in glibc's {@code getenv} while CEF was initialised: most likely one thread changed the
     * environment as another read it. A person starts the application again then, and so does this.
     */
    private void startAgainAfterACrashOfCef() throws IOException {
        if (CRASHED_IN_GETENV.matcher(said()).results().count() > crashes) {
            crashes++;
            var unused = sandbox.start(lastStart);
        }
    }

    /** The next visit's process, once its page is there, its script has run and its cookies are on the disk. */
    public ProcessHandle awaitVisit() throws IOException {
        visits++;
        awaitThat(() -> site.isShown(visits) && loaded().size() >= visits);
        ProcessHandle launcher = ProcessHandle.of(loaded().get(visits - 1)).orElseThrow();
        sandbox.adopt(launcher);
        return launcher;
    }

    /** Has this befall the instance that came last. */
    public void title(String fault) {
        site.title(visits, fault);
    }

    /** How many windows an instance has on the screen or in the task bar, its browser's own among them. */
    long windowsOf(ProcessHandle instance) throws IOException {
        return display.orElseThrow().windowsOf(instance);
    }

    /** The cookies that the last instance had from the one before. */
    String cookies() {
        return site.cookies(visits);
    }

    /** Waits until an instance says this. */
    public void awaitSaid(ProcessHandle instance, String what) throws IOException {
        awaitThat(() -> said().contains(instance.pid() + " " + what));
    }

    /** If it waits in vain, says what the instances wrote and how far the page came. */
    private void awaitThat(Callable<Boolean> condition) throws IOException {
        try {
            await().pollInterval(Duration.ofMillis(10)).atMost(60, SECONDS).until(() -> {
                startAgainAfterACrashOfCef();
                return condition.call();
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "Visit " + visits + ", " + site + ", locked: " + isLocked() + ". Written:\n" + said(), e);
        }
    }

    /** Whether a browser has put its lock into the profile. */
    boolean isLocked() {
        return Stream.of(SingletonLock.FILE_NAME, "lockfile")
                .anyMatch(name -> Files.exists(sandbox.profile().resolve(name), LinkOption.NOFOLLOW_LINKS));
    }

    /** Marks an instance on its behalf, as an updater does. */
    public void mark(ProcessHandle instance) throws IOException {
        new MarkerWriter(LaunchGuard.currentPlatform().open(sandbox.profile()))
                .write(instance.pid(), "1", "2", Duration.ofSeconds(10));
    }

    /** All that all of them wrote, but for the error output of those that are neither the first nor the last. */
    String said() throws IOException {
        Path successor = sandbox.profile().resolveSibling(sandbox.profile().getFileName() + ".successor-errors");
        return (Files.exists(said) ? Files.readString(said) : "")
                + sandbox.output("out")
                + sandbox.output("err")
                + (Files.exists(successor) ? Files.readString(successor) : "");
    }

    void assertNothingIsBroken() throws IOException {
        assertThat(said().toLowerCase(Locale.ROOT))
                .doesNotContain("database is locked", "corrupt", "could not be initialised", "failed to open");
    }

    private List<Long> loaded() throws IOException {
        List<Long> pids = new ArrayList<>();
        Matcher matcher = LOADED.matcher(said());
        while (matcher.find()) {
            pids.add(Long.parseLong(matcher.group(1)));
        }
        return pids;
    }

    @Override
    public void close() {
        sandbox.close();
        site.close();
        display.ifPresent(Display::close);
    }
}
