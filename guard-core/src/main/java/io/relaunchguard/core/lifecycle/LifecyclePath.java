package io.relaunchguard.core.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The way that one launch has taken through the {@link LifecycleTable}, for a diagram.
 *
 * @param taken every transition taken, in order
 * @param dwells how long it was in each state, all visits together, as far as that is known
 * @param current the state it is in, or ended in; empty before the first
 */
public record LifecyclePath(
        List<Transition> taken, Map<LifecycleState, Duration> dwells, Optional<LifecycleState> current) {

    /** The path of a launch that has not begun. */
    public static final LifecyclePath NONE = new LifecyclePath(List.of(), Map.of(), Optional.empty());

    /** Creates the path with its own copies of the list and the map. */
    public LifecyclePath {
        taken = List.copyOf(taken);
        dwells = Map.copyOf(dwells);
    }

    /** Returns whether the launch is or was in this state. */
    public boolean visited(LifecycleState state) {
        return current.filter(state::equals).isPresent() || taken.stream().anyMatch(step -> step.source() == state);
    }

    /** Returns which of all the steps took this row: {@code 2}, or {@code 5–8, 11}; empty if no step took it. */
    public String steps(Transition row) {
        List<String> steps = new ArrayList<>();
        for (int first = 0; first < taken.size(); first++) {
            int last = first;
            while (last < taken.size() && taken.get(last).equals(row)) {
                last++;
            }
            if (last > first) {
                steps.add(last == first + 1 ? "" + last : (first + 1) + "\u2013" + last);
                first = last - 1;
            }
        }
        return String.join(", ", steps);
    }

    /**
     * Returns how long the launch was in this state, for people: {@code 8 ms}, {@code 2.5 s}, {@code 1 min 5 s}; empty
     * if not known.
     */
    public String dwell(LifecycleState state) {
        Duration dwell = state.isEnd() ? null : dwells.get(state);
        if (dwell == null) {
            return "";
        }
        if (dwell.toMinutes() > 0) {
            return dwell.toMinutes() + " min " + dwell.toSecondsPart() + " s";
        }
        if (dwell.toSeconds() > 0) {
            return dwell.toSeconds() + "." + dwell.toMillisPart() / 100 + " s";
        }
        return dwell.toMillis() > 0 ? dwell.toMillis() + " ms" : "under 1 ms";
    }
}
