package io.relaunchguard.statemachine.engine;

import io.relaunchguard.statemachine.engine.ExploredRun.Choice;
import io.relaunchguard.statemachine.engine.ExploredRun.Subject;
import io.relaunchguard.statemachine.engine.Move.Step;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;

/** What was explored and found. */
final class Findings {

    final Set<String> counterExamples = new TreeSet<>();
    private final Set<Long> states = new HashSet<>();
    private Optional<String> first = Optional.empty();
    private long paths;
    private long assumed;

    void run(ExploredRun run) {
        paths++;
        for (String violation : run.violations()) {
            if (violation.startsWith(World.SAME_LOCK_AGAIN)) {
                assumed++;
            } else {
                counterExamples.add(violation + " <- " + run);
                first = first.or(() -> Optional.of(run + ": " + violation));
            }
        }
    }

    /** Every path of up to that many moves, shorter ones first; a state is gone on from only once. */
    void explore(Scenario scenario, Subject subject, int depth) {
        explore(scenario, subject, depth, false);
    }

    /** The same until a counter-example is found: a shortest one. */
    Optional<String> search(Scenario scenario, Subject subject, int depth) {
        explore(scenario, subject, depth, true);
        return first;
    }

    private void explore(Scenario scenario, Subject subject, int depth, boolean untilFound) {
        Queue<List<Step>> paths = new ArrayDeque<>(List.of(List.of()));
        while (!paths.isEmpty() && !(untilFound && first.isPresent())) {
            List<Step> path = paths.remove();
            if (path.size() == depth) {
                run(ExploredRun.along(scenario, path, subject));
                continue;
            }
            ExploredRun run = ExploredRun.withChoices(scenario, path, subject);
            run(run);
            for (Choice choice : run.choices) {
                if (states.add(choice.state() * 31 + choice.port().name().hashCode())) {
                    choice.steps().forEach(step -> {
                        List<Step> longer = new ArrayList<>(path);
                        longer.add(step);
                        paths.add(longer);
                    });
                }
            }
        }
    }

    @Override
    public String toString() {
        return "%d paths, %d states, %d counter-examples, %d under the assumption"
                .formatted(paths, states.size(), counterExamples.size(), assumed);
    }
}
