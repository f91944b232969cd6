package io.relaunchguard.statemachine;

import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.Restart;
import io.relaunchguard.core.successor.Successor;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of a relaunch. It consents to the end of this very process, makes sure that the process ends, and
 * starts the successor.
 *
 * <pre>{@code
 * RelaunchHandoff handoff = RelaunchHandoff.begin(profile, "1.4", "1.5", Duration.ofSeconds(10));
 * HandoffResult result = handoff.handOver(List.of(launcher, "--after-update"), workingDirectory);
 * if (result instanceof HandoffResult.Claimed) {
 *     application.close();
 * } else {
 *     tell(result.sentence()); // and go on
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class RelaunchHandoff implements AutoCloseable {

    /** The exit code of a process that its watchdog ends: EX_SOFTWARE of {@code sysexits.h}. */
    public static final int WATCHDOG_EXIT_CODE = 70;

    /** The longest deadline: more than an end takes, and far less than a clock can count. */
    private static final Duration LONGEST_DEADLINE = Duration.ofDays(1);

    /** The default wait for the claim: more than a program needs that was just installed, on a slow disk. */
    static final Duration CLAIM_WAIT = Duration.ofMinutes(1);

    private static final Log logger = LogFactory.getLog(RelaunchHandoff.class);

    private final Platform platform;
    private final ProfilePorts ports;
    private final ConsentMarker marker;
    private final Watchdog watchdog;
    private final Consumer<HandoffResult> listener;
    private final ClaimWait claim;
    private boolean started;
    private boolean closed;
    private boolean withdrawn;
    private boolean closing;
    private volatile boolean isToldOfClosing;

    private RelaunchHandoff(Context context, ConsentMarker marker, Watchdog watchdog) {
        this.platform = context.platform();
        this.ports = context.ports();
        this.marker = marker;
        this.watchdog = watchdog;
        this.listener = context.listener();
        this.claim = new ClaimWait(context.ports(), marker.nonce(), context.claimWait());
    }

    /**
     * Arms the watchdog and writes the consent marker. The marker is for this process, or for the browser in its place:
     * if the profile's lock names a process that this process has started, that process consents and is ended. At the
     * deadline this process ends, whatever its shutdown hooks, its user interface or any other thread are doing.
     * Before, it writes into the profile what they are doing, as far as that takes no longer than 200 milliseconds.
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
        return begin(profile, fromVersion, toVersion, OutgoingHolder::find, Settings.of(deadline));
    }

    /**
     * Begins a handoff like {@link #begin(Path, String, String, Duration)}, for an application whose browser is a
     * process that this process has not started.
     *
     * @param browser the PID of the browser: a process of this user, which the profile's lock names if there is one
     * @throws ConsentRefusedException if the browser cannot be pinned and identified beyond doubt, or is not the one in
     *     the lock; nothing was written
     * @throws IOException as above
     */
    public static RelaunchHandoff begin(
            Path profile, String fromVersion, String toVersion, Duration deadline, long browser) throws IOException {
        return begin(profile, fromVersion, toVersion, holder -> holder.named(browser), Settings.of(deadline));
    }

    /**
     * The settings of a handoff.
     *
     * @param deadline how long this process may take to end by itself
     * @param claimWait how long the successor may take to claim the consent
     * @param environment what the successor inherits besides, or does not inherit
     * @param listener receives the result
     */
    record Settings(
            Duration deadline, Duration claimWait, EnvironmentRules environment, Consumer<HandoffResult> listener) {

        static Settings of(Duration deadline) {
            return new Settings(deadline, CLAIM_WAIT, EnvironmentRules.NONE, result -> {});
        }
    }

    /** Begins a handoff with these settings, for the process that the function finds to hold the profile. */
    static RelaunchHandoff begin(
            Path profile,
            String fromVersion,
            String toVersion,
            Function<OutgoingHolder, ProcessIdentity> who,
            Settings settings)
            throws IOException {
        Duration deadline = settings.deadline();
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("the deadline must be above zero, but is " + deadline);
        }
        if (deadline.compareTo(LONGEST_DEADLINE) > 0) {
            throw new IllegalArgumentException(
                    "the deadline must be %s at most, but is %s".formatted(LONGEST_DEADLINE, deadline));
        }
        Platform platform = LaunchGuard.currentPlatform().withEnvironment(settings.environment());
        ProfilePorts ports = platform.open(profile);
        MarkerWriter writer = new MarkerWriter(ports);
        OutgoingHolder holder = new OutgoingHolder(ports);
        DeadlineEnd end = new DeadlineEnd(ports, () -> Runtime.getRuntime().halt(WATCHDOG_EXIT_CODE));
        return begin(
                new Context(platform, ports, settings.claimWait(), settings.listener()),
                () -> end.of(writer.write(who.apply(holder), fromVersion, toVersion, deadline)),
                new Watchdog(ports.clock(), deadline, end));
    }

    /** Begins a handoff with everything that it uses. */
    static RelaunchHandoff begin(Context context, Consent consent, Watchdog watchdog) throws IOException {
        // A consent without a watchdog would last until another process ends this one.
        watchdog.arm();
        try {
            return new RelaunchHandoff(context, consent.give(), watchdog);
        } catch (IOException | RuntimeException | Error e) {
            watchdog.disarm();
            throw e;
        }
    }

    /**
     * The objects that a handoff works with.
     *
     * @param claimWait how long the successor may take to claim the consent
     * @param listener receives the result
     */
    record Context(Platform platform, ProfilePorts ports, Duration claimWait, Consumer<HandoffResult> listener) {}

    /** The step that writes the marker. */
    @FunctionalInterface
    interface Consent {
        ConsentMarker give() throws IOException;
    }

    /**
     * Starts the successor, detached as by {@link #start}, and waits until it, or another launcher on this profile, has
     * claimed the consent. Until then nothing ends this process, not even its watchdog, and it stays usable: do not
     * close anything before. If no successor comes up, this withdraws the consent and disarms the watchdog.
     *
     * <p>Waits for a minute at most, or for {@code relaunch-guard.claim-wait}. Do not call it on the thread of a user
     * interface.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     */
    public HandoffResult handOver(List<String> command, Path directory) {
        return handOverAsync(command, directory).join();
    }

    /**
     * Does the same as {@link #handOver} without waiting. Actions that depend on the answer run on a thread of this
     * handoff.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @return a future that never fails
     */
    public CompletableFuture<HandoffResult> handOverAsync(List<String> command, Path directory) {
        return beginWaiting(answer -> handOver(command, directory, answer));
    }

    /**
     * Waits until a launcher has claimed the consent, and otherwise withdraws it. Use it if another process starts the
     * successor at once, such as an updater that does not wait for the end of this process.
     */
    public HandoffResult awaitClaim() {
        return awaitClaimAsync().join();
    }

    /**
     * Does the same as {@link #awaitClaim} without waiting, as {@link #handOverAsync} does.
     *
     * @return a future that never fails
     */
    public CompletableFuture<HandoffResult> awaitClaimAsync() {
        return beginWaiting(answer -> {
            HandoffResult result;
            try {
                result = claim.await();
            } catch (RuntimeException | Error e) {
                result = claim.notStarted(e.toString());
            }
            settle(result);
            answer.complete(told(result));
        });
    }

    private synchronized CompletableFuture<HandoffResult> beginWaiting(
            Consumer<CompletableFuture<HandoffResult>> waiting) {
        requireUnstarted();
        CompletableFuture<HandoffResult> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> waiting.accept(answer), "relaunch-guard-handoff");
        thread.setDaemon(true);
        watchdog.pause();
        started = true;
        try {
            thread.start();
        } catch (Error e) {
            settle(claim.notStarted(e.toString()));
            throw e;
        }
        return answer;
    }

    private void handOver(List<String> command, Path directory, CompletableFuture<HandoffResult> answer) {
        Optional<Successor> started = Optional.empty();
        HandoffResult result;
        try {
            Successor successor = platform.startSuccessor(command, directory, ports.profile());
            started = Optional.of(successor);
            result = claim.await(successor);
        } catch (IOException | RuntimeException | Error e) {
            // Catch every error: without an answer the consent would stand and the watchdog would stay paused.
            result = claim.notStarted(e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString());
        }
        settle(result);
        answer.complete(told(result));
        if (result instanceof HandoffResult.Claimed && isToldOfClosing) {
            started.ifPresent(this::stayUntilAsked);
        }
    }

    /**
     * Waits on after the claim. If the successor ends before this process has begun to close, this process goes on
     * undamaged.
     */
    private void stayUntilAsked(Successor successor) {
        if (!claim.endsBeforeItAsks(successor, this::hasBegunToClose)) {
            return;
        }
        HandoffResult failure;
        synchronized (this) {
            if (closing) {
                return;
            }
            failure = claim.ended(successor);
            if (failure instanceof HandoffResult.Claimed) {
                return;
            }
            settle(failure);
        }
        told(failure);
    }

    private synchronized boolean hasBegunToClose() {
        return closing;
    }

    /**
     * Notes that this process begins to close. From here on its consent stands, and its watchdog stays armed, whatever
     * becomes of the successor.
     */
    void closing() {
        synchronized (this) {
            closing = true;
        }
        claim.changed();
    }

    /**
     * Notes that the application will call {@link #closing}, so that this handoff can watch the successor until then.
     */
    void toldOfClosing() {
        isToldOfClosing = true;
    }

    private synchronized void settle(HandoffResult result) {
        if (result instanceof HandoffResult.Claimed) {
            watchdog.countAnew();
            return;
        }
        watchdog.disarm();
        started = false;
        closed = true;
        withdrawn = !(result instanceof HandoffResult.ConsentMayStand);
    }

    private HandoffResult told(HandoffResult result) {
        try {
            listener.accept(result);
        } catch (RuntimeException | Error e) {
            logger.warn("The result of a handoff could not be told to all who listen", e);
        }
        return result;
    }

    private void requireUnstarted() {
        if (started || closed) {
            throw new IllegalStateException(started ? "the successor was started already" : "the handoff was closed");
        }
    }

    /**
     * Starts the successor, detached: in a session of its own, so that it survives the end of this process however that
     * comes. From here on the consent stands, whatever becomes of the successor; {@link #handOver} watches for that.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @return its PID
     * @throws IOException if it cannot be started; the consent is withdrawn then
     */
    public synchronized long start(List<String> command, Path directory) throws IOException {
        requireUnstarted();
        try {
            long successor = platform.startDetached(command, directory);
            started = true;
            return successor;
        } catch (IOException | RuntimeException | Error e) {
            withdraw(e);
            throw e;
        }
    }

    /**
     * Starts the successor as this process was started, and otherwise does what {@link #handOver} does. The command is
     * the launcher that jpackage made, the AppImage, or the java command with its options. The arguments and the
     * working directory are the same. The command leaves out an option of the JVM that claims a port, such as a
     * debugger's.
     *
     * @throws RestartRefusedException if that cannot be known, see {@link #restartCommand}; the consent is withdrawn
     *     then
     */
    public HandoffResult restart() throws RestartRefusedException {
        return restartAsync().join();
    }

    /**
     * Does the same as {@link #restart} without waiting, as {@link #handOverAsync} does.
     *
     * @throws RestartRefusedException as {@link #restart} does
     */
    public synchronized CompletableFuture<HandoffResult> restartAsync() throws RestartRefusedException {
        requireUnstarted();
        Restart.Known known;
        try {
            known = OwnRestart.of(platform);
        } catch (RestartRefusedException e) {
            withdraw(e);
            throw e;
        }
        return handOverAsync(known.command(), Path.of(known.directory()));
    }

    /**
     * Returns the command that {@link #restart} would start. Ask for it before you consent to anything.
     *
     * @throws RestartRefusedException if it cannot be known: in the sandbox of Flatpak, in a snap, on an operating
     *     system where the command line is not read, or in a program that has a JVM in it; if a file of it is gone; or if
     *     no successor can be started on this host
     */
    public static List<String> restartCommand() throws RestartRefusedException {
        return OwnRestart.of(LaunchGuard.currentPlatform()).command();
    }

    /** Returns whether the handoff has begun, and was neither withdrawn nor has failed. */
    synchronized boolean isInForce() {
        return !closed;
    }

    /**
     * Leaves the start of the successor to an updater that waits for the end of this process first. From here on the
     * consent stands, and the watchdog ends this process at the deadline: this process does not look whether a
     * successor comes up. For an updater that starts the successor at once, use {@link #awaitClaim}.
     */
    public synchronized void startedElsewhere() {
        if (closed) {
            throw new IllegalStateException("the handoff was closed");
        }
        started = true;
    }

    /**
     * Withdraws the consent and disarms the watchdog, unless a successor was started. Once that is done, further calls
     * do nothing. Until then you may repeat it.
     *
     * @throws IOException if it is not certain that the marker is gone. The watchdog is disarmed all the same, and the
     *     consent may stand until the marker is too old: repeat it until it succeeds
     */
    @Override
    public synchronized void close() throws IOException {
        if (!started && !withdrawn) {
            closed = true;
            watchdog.disarm();
            ports.markers().withdraw(marker.nonce());
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
     * Lets SIGTERM close this program as it closes every other Java program. JCEF replaces the JVM's own handling, so
     * that a request to end runs no shutdown hook and closes no Spring context. Call it after CEF was initialised: when
     * JCEF is in the state {@code INITIALIZED}, which is later than when its {@code CefApp} was built.
     *
     * @throws UnsupportedOperationException if this Java has no {@code jdk.unsupported} module
     */
    public static void installGracefulTermination() {
        try {
            // Use reflection: Java has no other way to handle a signal, and javac has no way to accept this one in
            // silence.
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
