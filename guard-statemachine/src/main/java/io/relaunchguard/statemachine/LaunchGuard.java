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
 * Guards the start of one application on one profile: ends the previous instance if it consented and is wedged, never a
 * healthy one, and permits the start only when nobody holds the profile.
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
     * A guard with the default policy, on the platform for this host.
     *
     * @param profile CEF's root cache path
     * @throws IllegalStateException if no platform for this operating system is on the class path
     */
    public static LaunchGuard forProfile(Path profile) {
        return on(currentPlatform().open(profile));
    }

    /** A guard with the default policy, on ports that you provide. */
    public static LaunchGuard on(ProfilePorts ports) {
        return new LaunchGuard(ports, LaunchPolicy.DEFAULT, List.of(), Optional.empty());
    }

    /**
     * The platform for this host.
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

    /** How running instances and their second starts talk. */
    static SecondStartPort secondStarts() {
        return ServiceLoader.load(SecondStartPort.class, LaunchGuard.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("guard-platform is not on the class path"));
    }

    /** The same guard with another policy. */
    public LaunchGuard withPolicy(LaunchPolicy other) {
        return new LaunchGuard(ports, other, listeners, version);
    }

    /** The same guard with one more listener. */
    public LaunchGuard withListener(LaunchListener listener) {
        List<LaunchListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new LaunchGuard(ports, policy, more, version);
    }

    /**
     * The same guard in an application of this version, so that the report says whether an update has taken effect.
     *
     * @param running the version of the application that runs; blank if it is not known
     */
    public LaunchGuard withVersion(String running) {
        return new LaunchGuard(ports, policy, listeners, Optional.of(running).filter(known -> !known.isBlank()));
    }

    /** Runs the lifecycle and waits for its end. Never throws for anything that the world does. */
    public LaunchResult launch() {
        return InnerLaunch.of(ports).flatMap(this::launch).orElseGet(() -> launch(ports));
    }

    /** Empty if the ancestor has let go of its permit meanwhile: then it is a launch like any other. */
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
        LaunchHistory.Line line = begun.append(ended.report());
        return switch (ended.report().outcome()) {
            // Delivered first: its close waits for the line.
            case READY -> new LaunchResult.Permitted(new LaunchPermit(on, ended.report(), ended.hold(), line));
            case HELD, FAILED -> {
                line.await();
                yield new LaunchResult.Refused(on.profile(), ended.report());
            }
        };
    }

    /**
     * Hands a start to the instance that runs on the profile, instead of starting. For a launch that was HELD and
     * {@linkplain io.relaunchguard.core.launch.LaunchReport#mayBeHandedOver() may be handed over}.
     *
     * @param patience how long the running instance may take to deal with it, to start and to close
     * @param heard hears on this thread that it was received, or that this start waits because the running instance is starting or
     *     closing
     */
    public HandOver handOver(SecondStart start, Patience patience, Consumer<Answer> heard) {
        return secondStarts().handOver(ports.profile(), start, patience, heard);
    }

    /** Looks and judges as a launch would, but changes nothing, consumes nothing and signals nobody. */
    public DryRun explain() {
        return new LaunchEngine(InnerLaunch.of(ports).map(InnerLaunch::ports).orElse(ports), policy, listeners)
                .explain();
    }
}
