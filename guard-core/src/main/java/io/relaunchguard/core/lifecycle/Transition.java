package io.relaunchguard.core.lifecycle;

import java.util.Locale;

/**
 * One row of the {@link LifecycleTable}: in {@code source}, on {@code event}, if {@code guard}, go to {@code target}.
 */
public record Transition(LifecycleState source, LifecycleEvent event, TransitionGuard guard, LifecycleState target) {

    /** Returns the words on the diagram's arrow. */
    public String label() {
        String words = event.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return guard.label().isEmpty() ? words : words + " [" + guard.label() + "]";
    }
}
