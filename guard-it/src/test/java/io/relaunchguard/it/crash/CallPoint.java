package io.relaunchguard.it.crash;

import io.relaunchguard.core.lifecycle.LifecycleState;
import java.util.Locale;

/**
 * One call of a port in the course of a launch, or the entry into a state.
 *
 * @param state the state that the launch was in
 * @param call the port and its method; {@link #ENTRY} for the entry
 * @param number which call of this method in this state it is, from 1
 */
record CallPoint(LifecycleState state, String call, int number) {

    static final String ENTRY = "entry";

    /** Which side of the call's effect. */
    enum Moment {
        BEFORE,
        AFTER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static CallPoint parse(String text) {
        String[] words = text.split(" ", 3);
        return new CallPoint(LifecycleState.valueOf(words[0]), words[1], Integer.parseInt(words[2]));
    }

    @Override
    public String toString() {
        return state + " " + call + " " + number;
    }
}
