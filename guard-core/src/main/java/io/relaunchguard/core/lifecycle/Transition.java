package io.relaunchguard.core.lifecycle;

/** One row of the {@link LifecycleTable}: in {@code source}, on {@code event}, if {@code guard}, go to {@code target}. */
public record Transition(LaunchState source, LaunchEvent event, TransitionGuard guard, LaunchState target) {}
