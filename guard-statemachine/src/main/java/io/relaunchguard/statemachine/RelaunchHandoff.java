package io.relaunchguard.statemachine;

import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerStore;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of a relaunch: consents to the end of this very process, makes sure that it ends, and starts the
 * successor.
 *
 * <pre>{@code
 * try (RelaunchHandoff handoff = RelaunchHandoff.begin(profile, "1.4", "1.5", Duration.ofSeconds(10))) {
 *     handoff.start(List.of(launcher, "--after-update"), workingDirectory);
 *     application.close();
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class RelaunchHandoff implements AutoCloseable {

    /** What the process ends with when its watchdog has to end it: EX_SOFTWARE of {@code sysexits.h}. */
    public static final int WATCHDOG_EXIT_CODE = 70;

    /** More than an end takes, and far less than a clock can count. */
    private static final Duration LONGEST_DEADLINE = Duration.ofDays(1);

    private final Platform platform;
    private final MarkerStore markers;
    private final ConsentMarker marker;
    private final Watchdog watchdog;
    private boolean started;
    private boolean closed;
    private boolean withdrawn;

    private RelaunchHandoff(Platform platform, MarkerStore markers, ConsentMarker marker, Watchdog watchdog) {
        this.platform = platform;
        this.markers = markers;
        this.marker = marker;
        this.watchdog = watchdog;
    }

    /**
     * Arms the watchdog and writes the consent marker for this process: at the deadline the process ends, whatever its
     * shutdown hooks, its user interface or any other thread are doing.
     *
     * @param profile CEF's root cache path
     * @param fromVersion the version that goes; may be empty
     * @param toVersion the version that comes; may be empty
     * @param deadline how long this process may take to end by itself: above zero, and a day at most
     * @throws ConsentRefusedException if this process cannot be identified beyond doubt; nothing was written
     * @throws IOException if the marker cannot be written; nothing is left behind, and the watchdog is disarmed
     */
    public static RelaunchHandoff begin(Path profile, String fromVersion, String toVersion, Duration deadline)
            throws IOException {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("the deadline must be above zero, but is " + deadline);
        }
        if (deadline.compareTo(LONGEST_DEADLINE) > 0) {
            throw new IllegalArgumentException(
                    "the deadline must be %s at most, but is %s".formatted(LONGEST_DEADLINE, deadline));
        }
        Platform platform = LaunchGuard.currentPlatform();
        ProfilePorts ports = platform.open(profile);
        MarkerWriter writer = new MarkerWriter(ports);
        long self = ProcessHandle.current().pid();
        return begin(
                platform,
                ports.markers(),
                () -> writer.write(self, fromVersion, toVersion, deadline),
                new Watchdog(ports.clock(), deadline, () -> Runtime.getRuntime().halt(WATCHDOG_EXIT_CODE)));
    }

    /** The same with everything that it touches. */
    static RelaunchHandoff begin(Platform platform, MarkerStore markers, Consent consent, Watchdog watchdog)
            throws IOException {
        // A consent without a watchdog would last until somebody else ends this process.
        watchdog.arm();
        try {
            return new RelaunchHandoff(platform, markers, consent.give(), watchdog);
        } catch (IOException | RuntimeException | Error e) {
            watchdog.disarm();
            throw e;
        }
    }

    /** Writes the marker. */
    @FunctionalInterface
    interface Consent {
        ConsentMarker give() throws IOException;
    }

    /**
     * Starts the successor, detached: in a session of its own, so that it survives the end of this process however that
     * comes. From here on the consent stands.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @return its process id
     * @throws IOException if it cannot be started; the consent is withdrawn then
     */
    public synchronized long start(List<String> command, Path directory) throws IOException {
        if (started || closed) {
            throw new IllegalStateException(started ? "the successor was started already" : "the handoff was closed");
        }
        try {
            long successor = platform.startDetached(command, directory);
            started = true;
            return successor;
        } catch (IOException | RuntimeException | Error e) {
            withdraw(e);
            throw e;
        }
    }

    /** Leaves the start of the successor to somebody else, such as an updater. From here on the consent stands. */
    public synchronized void startedElsewhere() {
        if (closed) {
            throw new IllegalStateException("the handoff was closed");
        }
        started = true;
    }

    /**
     * Withdraws the consent and disarms the watchdog, unless a successor was started. Does nothing once that is done; until
     * then it may be repeated.
     *
     * @throws IOException if it is not certain that the marker is gone. The watchdog is disarmed all the same, and the
     *     consent may stand until the marker is too old: repeat it until it succeeds
     */
    @Override
    public synchronized void close() throws IOException {
        if (!started && !withdrawn) {
            closed = true;
            watchdog.disarm();
            markers.withdraw(marker.nonce());
            withdrawn = true;
        }
    }

    private void withdraw(Throwable cause) {
        try {
            close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Lets SIGTERM close this program as it does every other Java program. JCEF replaces the JVM's own handling, so that a
     * request to end runs no shutdown hook and closes no Spring context. To be called after CEF was initialised: when JCEF is
     * in the state {@code INITIALIZED}, which is later than when its {@code CefApp} was built.
     *
     * @throws UnsupportedOperationException if this Java has no {@code jdk.unsupported} module
     */
    public static void installGracefulTermination() {
        try {
            // By reflection: Java has no other way to handle a signal, and javac no way to accept this one in silence.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object exit = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, RelaunchHandoff::exitWhenHandled);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("TERM"), exit);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("this Java cannot handle SIGTERM: jdk.unsupported is missing", e);
        }
    }

    private static @Nullable Object exitWhenHandled(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
        if (method.getName().equals("handle")) {
            System.exit(0);
        }
        return null;
    }
}
