package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.DryRun;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort;
import io.relaunchguard.statemachine.engine.EndedLaunch;
import io.relaunchguard.statemachine.engine.LaunchEngine;
import io.relaunchguard.statemachine.history.BegunLaunch;
import io.relaunchguard.statemachine.history.LaunchHistory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * The guard for the start of one application on one profile. It ends the previous instance if that has consented and is
 * wedged, and never ends a healthy one. It permits the start only when no other process holds the profile.
 *
 * <pre>{@code
 * LaunchResult result = LaunchGuard.forProfile(cacheDirectory).launch();
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class LaunchGuard {

    private final ProfilePorts ports;
    private final LaunchPolicy policy;
    private final List<LaunchListener> listeners;
    private final Optional<String> version;

    private LaunchGuard(
            ProfilePorts ports, LaunchPolicy policy, List<LaunchListener> listeners, Optional<String> version) {
        this.ports = ports;
        this.policy = policy;
        this.version = version;
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Returns a guard with the default policy, on the platform for this host.
     *
     * @param profile CEF's root cache path
     * @throws IllegalStateException if no platform for this operating system is on the class path
     */
    public static LaunchGuard forProfile(Path profile) {
        return on(currentPlatform().open(profile));
    }

    /** Returns a guard with the default policy, on ports that you provide. */
    public static LaunchGuard on(ProfilePorts ports) {
        return new LaunchGuard(ports, LaunchPolicy.DEFAULT, List.of(), Optional.empty());
    }

    /**
     * Returns the platform for this host.
     *
     * @throws IllegalStateException if none is on the class path
     */
    public static Platform currentPlatform() {
        return ServiceLoader.load(Platform.class, LaunchGuard.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(Platform::isCurrent)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no Relaunch Guard platform for \"%s\" is on the class path; add guard-platform, or exclude this operating system"
                                .formatted(System.getProperty("os.name"))));
    }

    /** Returns the port through which running instances and their second starts talk. */
    static SecondStartPort secondStarts() {
        return ServiceLoader.load(SecondStartPort.class, LaunchGuard.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("guard-platform is not on the class path"));
    }

    /** Returns the same guard with another policy. */
    public LaunchGuard withPolicy(LaunchPolicy other) {
        return new LaunchGuard(ports, other, listeners, version);
    }

    /** Returns the same guard with one more listener. */
    public LaunchGuard withListener(LaunchListener listener) {
        List<LaunchListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new LaunchGuard(ports, policy, more, version);
    }

    /**
     * Returns the same guard for an application of this version. With it, the report says whether an update has taken
     * effect.
     *
     * @param running the version of the running application; blank if it is not known
     */
    public LaunchGuard withVersion(String running) {
        return new LaunchGuard(ports, policy, listeners, Optional.of(running).filter(known -> !known.isBlank()));
    }

    /**
     * Runs the lifecycle and waits for its end. Throws nothing, whatever the state of the host, the profile and its
     * files.
     */
    public LaunchResult launch() {
        return InnerLaunch.of(ports).flatMap(this::launch).orElseGet(() -> launch(ports));
    }

    /**
     * Launches under the permit of the ancestor. Returns empty if the ancestor has closed its permit meanwhile; the
     * launch is then like any other.
     */
    private Optional<LaunchResult> launch(InnerLaunch inner) {
        LaunchResult result = launch(inner.ports());
        if (result instanceof LaunchResult.Permitted permitted && !inner.isCovered()) {
            permitted.permit().giveBack();
            return Optional.empty();
        }
        return Optional.of(result);
    }

    private LaunchResult launch(ProfilePorts on) {
        BegunLaunch begun = new BegunLaunch(new LaunchHistory(on.history()), on);
        List<LaunchListener> all = new ArrayList<>(List.of(begun));
        all.addAll(listeners);
        EndedLaunch ended = new LaunchEngine(on, policy, all, version).launch();
        LaunchHistory.PendingLine line = begun.append(ended.report());
        return switch (ended.report().outcome()) {
            // The permit is delivered first: its close waits for the line.
            case READY -> new LaunchResult.Permitted(new LaunchPermit(on, ended.report(), ended.hold(), line));
            case HELD, FAILED -> {
                line.await();
                yield new LaunchResult.Refused(on.profile(), ended.report());
            }
        };
    }

    /**
     * Hands a start to the instance that runs on the profile, instead of starting. Call it for a launch that was HELD
     * and {@linkplain io.relaunchguard.core.launch.LaunchReport#mayBeHandedOver() may be handed over}.
     *
     * @param patience how long the running instance may take to deal with it, to start and to close
     * @param heard receives, on this thread, that the start was received, or that it waits because the running instance
     *     is starting or closing
     */
    public HandOver handOver(SecondStart start, Patience patience, Consumer<Answer> heard) {
        return secondStarts().handOver(ports.profile(), start, patience, heard);
    }

    /** Reads and judges as a launch does, but changes nothing, consumes nothing and sends no signal. */
    public DryRun explain() {
        return new LaunchEngine(InnerLaunch.of(ports).map(InnerLaunch::ports).orElse(ports), policy, listeners)
                .explain();
    }
}
