package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.statemachine.engine.ExploredRun.Subject;
import io.relaunchguard.statemachine.world.Scenario;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The adversarial exploration: before every call of a port the world may make one of its {@link Move}s. Every placing of up to
 * so many moves is run on the real machine and the real predicates, and more moves are tried at random; see ADR 9.
 *
 * <p>{@code relaunch-guard.exploration.depth}, {@code .scenarios}, {@code .deeper}, {@code .random} and {@code .seed} let it go further,
 * {@code .replay} repeats what it found.
 */
@Tag("H01")
@Tag("H02")
@Tag("H30")
@Tag("H31")
@Timeout(value = 12 * 60 * 60)
class ExplorationTest {

    private static final String PROPERTY = "relaunch-guard.exploration.";
    private static final int DEPTH = Integer.getInteger(PROPERTY + "depth", 0);
    private static final int RANDOM_RUNS = Integer.getInteger(PROPERTY + "random", 10_000);
    private static final int MOST_RANDOM_MOVES = 8;

    /** With the profile "full": every scenario, and two moves where there is no live holder, as such launches are short. */
    static final boolean GOES_DEEPER = Boolean.getBoolean(PROPERTY + "deeper");

    private static final Set<Scenario> DEEPER = EnumSet.of(Scenario.NO_LOCK, Scenario.STALE_LOCK);

    static List<Scenario> scenarios() {
        String names = System.getProperty(PROPERTY + "scenarios", "");
        return names.isBlank()
                ? GOES_DEEPER ? List.of(Scenario.values()) : SeededFaultTest.SCENARIOS
                : Arrays.stream(names.split(",")).map(Scenario::valueOf).toList();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void noPlacingOfTheWorldsMovesBreaksAnInvariant(Scenario scenario) {
        int depth = DEPTH > 0 ? DEPTH : GOES_DEEPER && DEEPER.contains(scenario) ? 2 : 1;
        Findings findings = new Findings();
        findings.explore(scenario, Subject.REAL, depth);
        System.out.printf("exploration: %s, exhaustive to depth %d: %s%n", scenario, depth, findings);
        assertThat(findings.counterExamples).isEmpty();
    }

    @Test
    void noRandomWalkBreaksAnInvariant() {
        long seed = Long.getLong(PROPERTY + "seed", System.nanoTime());
        Random random = new Random(seed);
        List<Scenario> scenarios = scenarios();
        Findings findings = new Findings();
        for (int i = 0; i < RANDOM_RUNS; i++) {
            Scenario scenario = scenarios.get(random.nextInt(scenarios.size()));
            findings.run(ExploredRun.atRandom(scenario, random, 1 + random.nextInt(MOST_RANDOM_MOVES), Subject.REAL));
        }
        System.out.printf("exploration: at random, seed %d: %s%n", seed, findings);
        assertThat(findings.counterExamples)
                .as("seed %d; repeat one by -D%sreplay=\"SCENARIO 12:MOVE ...\"", seed, PROPERTY)
                .isEmpty();
    }

    /** What a failure printed, again; by default a path on which nothing is moved. */
    @Test
    void noPathThatIsReplayedBreaksAnInvariant() {
        String path = System.getProperty(PROPERTY + "replay", Scenario.WEDGED.name());
        assertThat(ExploredRun.replay(path).violations()).isEmpty();
    }
}
