package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.FaultText;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The engine that runs launches, each on a thread of its own that is gone when the launch ends. Thread-safe. */
public final class LaunchEngine {

    /** The time that a launch may take beyond its waits, before it counts as stuck in the operating system. */
    private static final Duration MARGIN = Duration.ofSeconds(15);

    /** The time that a launch may take to write down how it ended, before it ends without that. */
    private static final Duration WRITING = Duration.ofSeconds(3);

    private final ProfilePorts ports;
    private final LaunchPolicy policy;
    private final List<LaunchListener> listeners;
    private final Optional<String> version;
    private final Duration margin;
    private final Duration writing;

    /** Creates an engine for one profile, in an application whose version is not known. */
    public LaunchEngine(ProfilePorts ports, LaunchPolicy policy, List<LaunchListener> listeners) {
        this(ports, policy, listeners, Optional.empty());
    }

    /**
     * Creates an engine for one profile.
     *
     * @param version the version of the running application; empty if it is not known
     */
    public LaunchEngine(
            ProfilePorts ports, LaunchPolicy policy, List<LaunchListener> listeners, Optional<String> version) {
        this(ports, policy, listeners, version, MARGIN, WRITING);
    }

    /** Creates the engine with other bounds, for tests that need not wait that long. */
    LaunchEngine(
            ProfilePorts ports,
            LaunchPolicy policy,
            List<LaunchListener> listeners,
            Optional<String> version,
            Duration margin,
            Duration writing) {
        this.ports = ports;
        this.policy = policy;
        this.listeners = List.copyOf(listeners);
        this.version = version;
        this.margin = margin;
        this.writing = writing;
    }

    /**
     * Runs one launch and waits for its end, at most for the sum of the policy's waits and a margin. Never throws. A
     * launch that is stuck in the operating system, or whose caller is interrupted, is FAILED and sends no signal
     * afterwards. A launch whose outcome is decided, and which gets stuck in writing that down, ends as it was decided.
     */
    public EndedLaunch launch() {
        Launch launch = new Launch(ports, policy, Verdict.ALL_PREDICATES, listeners, version);
        CompletableFuture<EndedLaunch> result = new CompletableFuture<>();
        Thread mailbox = new Thread(() -> complete(result, launch), "relaunch-guard");
        mailbox.setDaemon(true);
        mailbox.start();
        try {
            Duration longest = policy.total().plus(margin);
            launch.writing().get(longest.toNanos(), TimeUnit.NANOSECONDS);
            EndedLaunch unwritten = isDoneIn(result, writing) ? null : launch.takeUnwritten();
            if (unwritten != null) {
                return unwritten;
            }
            EndedLaunch ended = result.get(longest.toNanos(), TimeUnit.NANOSECONDS);
            awaitEnd(mailbox);
            return ended;
        } catch (TimeoutException e) {
            return giveUp(launch, result, mailbox, "the operating system did not answer in time");
        } catch (InterruptedException e) {
            EndedLaunch ended = giveUp(launch, result, mailbox, "the launch was interrupted");
            Thread.currentThread().interrupt();
            return ended;
        } catch (ExecutionException e) {
            return broken("the launch failed: " + FaultText.of(Objects.requireNonNull(e.getCause())));
        }
    }

    /** Reads and judges as a launch does, but changes nothing, consumes nothing and sends no signal. */
    public DryRun explain() {
        try (FactsReader reader = new FactsReader(ports, policy.maxMarkerAge());
                CacheProbe cache = new CacheProbe(ports, () -> {})) {
            SafetyFacts facts = reader.read(ports.launchLock().probe(), ports.markers()::peek);
            return new DryRun(facts, ports.lock().since(), Verdict.judge(facts), cache.look());
        }
    }

    private static boolean isDoneIn(CompletableFuture<EndedLaunch> result, Duration bound) throws InterruptedException {
        try {
            result.get(bound.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }

    /** Waits for the end of the thread. Its result is there already. */
    private static void awaitEnd(Thread mailbox) {
        try {
            mailbox.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void complete(CompletableFuture<EndedLaunch> result, Launch launch) {
        try {
            result.complete(launch.run());
        } catch (Throwable t) {
            result.completeExceptionally(t);
        } finally {
            launch.writing().complete(null);
        }
    }

    private static EndedLaunch giveUp(
            Launch launch, CompletableFuture<EndedLaunch> result, Thread mailbox, String why) {
        if (launch.abandon()) {
            mailbox.interrupt();
            return broken(why);
        }
        return result.join();
    }

    private static EndedLaunch broken(String why) {
        LaunchReport report = new LaunchReport(
                Outcome.FAILED,
                Optional.empty(),
                Observation.unknown(why),
                Observation.unknown(why),
                Observation.unknown(why),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(why),
                Optional.empty(),
                new UpdateEffect.Unknown("the launch did not get that far"),
                "The launch guard stopped: " + why + ".",
                "Check that the profile directory can be read and written, then start again.");
        return new EndedLaunch(report, null);
    }
}
