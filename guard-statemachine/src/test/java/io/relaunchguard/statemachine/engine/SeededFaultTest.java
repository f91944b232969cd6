package io.relaunchguard.statemachine.engine;

import static io.relaunchguard.core.safety.SafetyPredicate.HOLDER_ALIVE;
import static io.relaunchguard.core.safety.SafetyPredicate.HOLDER_PRESENT;
import static io.relaunchguard.core.safety.SafetyPredicate.LOCAL_HOST_KNOWN;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_PRESENT;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_SAME_HOST;
import static io.relaunchguard.core.safety.SafetyPredicate.NO_OTHER_INSTANCE;
import static io.relaunchguard.core.safety.SafetyPredicate.PID_IN_RANGE;
import static io.relaunchguard.core.safety.SafetyPredicate.PROCESS_PINNED;
import static io.relaunchguard.core.safety.SafetyPredicate.SAME_HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.engine.ExploredRun.Subject;
import io.relaunchguard.statemachine.engine.Move.Step;
import io.relaunchguard.statemachine.world.Scenario;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Shows that the exploration bites: with a predicate left out, or a look not repeated, it finds a counter-example. What it finds
 * for each is printed, a shortest path.
 */
@Tag("H01")
@Tag("H02")
@Tag("H30")
@Tag("H31")
class SeededFaultTest {

    private static final int DEPTH = 2;

    /** Where there is somebody to hit, from the likeliest on. */
    static final List<Scenario> SCENARIOS = List.of(
            Scenario.WEDGED,
            Scenario.ANOTHER_LAUNCHER_STAYS,
            Scenario.LOCK_NAMES_THE_LAUNCHER,
            Scenario.HOLDER_IS_A_CHILD_OF_THE_LAUNCHER,
            Scenario.HOLDER_OF_ANOTHER_USER,
            Scenario.HOLDER_IN_ANOTHER_NAMESPACE,
            Scenario.STALE_LOCK_BUT_ITS_PID_IS_ALIVE_IN_A_CONTAINER,
            Scenario.STALE_LOCK,
            Scenario.LOCK_GOES_BEFORE_ITS_HOLDER,
            Scenario.LOCK_IS_GONE_AND_ITS_HOLDER_IS_ABOUT_TO,
            Scenario.HOST_RENAMED_WHILE_IT_RUNS,
            Scenario.HOST_RENAMED_AFTER_A_KILL,
            Scenario.LOCK_OF_A_CONTAINER_THAT_RUNS,
            Scenario.HOLDER_IN_A_SIBLING_SANDBOX,
            Scenario.HOLDER_IS_HIDDEN,
            Scenario.LET_THROUGH_WITHOUT_A_LOCK,
            Scenario.LET_THROUGH_UNDER_ANOTHER_BOOT_ID,
            Scenario.LETS_GO_OF_ITS_LOCK_BUT_NOT_OF_ITS_FILES);

    /**
     * Each says what another part of the code says as well, so that leaving it out alone changes nothing but the words: without
     * a holder that was seen through a pin there is no {@link Verdict.Reap}, and {@link FactsReader} pins nothing that is not
     * named by a lock of this host with a pid in range; a holder that consented beside another recorded instance may go, and the
     * profile is held by the other. With {@link #HOST_IS_KNOWN} and {@link #MARKER} left out together the
     * exploration does find a counter-example.
     */
    private static final Set<SafetyPredicate> IMPLIED = EnumSet.of(
            HOLDER_PRESENT,
            PID_IN_RANGE,
            LOCAL_HOST_KNOWN,
            SAME_HOST,
            PROCESS_PINNED,
            HOLDER_ALIVE,
            NO_OTHER_INSTANCE,
            MARKER_PRESENT);

    private static final Set<SafetyPredicate> HOST_IS_KNOWN = EnumSet.of(LOCAL_HOST_KNOWN, SAME_HOST, MARKER_SAME_HOST);

    private static final Set<SafetyPredicate> MARKER = Arrays.stream(SafetyPredicate.values())
            .filter(predicate -> predicate.name().startsWith("MARKER_"))
            .collect(Collectors.toSet());

    static Set<SafetyPredicate> predicatesThatAreNeeded() {
        return EnumSet.complementOf(EnumSet.copyOf(IMPLIED));
    }

    @ParameterizedTest
    @MethodSource("predicatesThatAreNeeded")
    void aPredicateLeftOutIsFound(SafetyPredicate leftOut) {
        assertFound("without " + leftOut, without(Set.of(leftOut)));
    }

    /** Neither is found while one of its group is left. */
    @Test
    void predicatesThatImplyEachOtherAreFoundWhenTheyAreLeftOutTogether() {
        assertThat(violations("31:THE_HOST_IS_RENAMED", HOST_IS_KNOWN)).isNotEmpty();
        assertThat(violations("31:THE_HOST_IS_RENAMED", Set.of(SAME_HOST))).isEmpty();
        assertThat(violations("31:THE_CONSENT_IS_WITHDRAWN", MARKER)).isNotEmpty();
        assertThat(violations("31:THE_CONSENT_IS_WITHDRAWN", Set.of(MARKER_PRESENT)))
                .isEmpty();
    }

    private static List<String> violations(String step, Set<SafetyPredicate> leftOut) {
        return ExploredRun.along(Scenario.WEDGED, List.of(Step.parse(step)), without(leftOut))
                .violations();
    }

    static List<SafetyPredicate> impliedPredicates() {
        return List.copyOf(IMPLIED);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("impliedPredicates")
    void aPredicateThatIsImpliedByOthersMakesNoDifferenceAlone(SafetyPredicate leftOut) {
        Findings findings = new Findings();
        findings.explore(Scenario.WEDGED, without(Set.of(leftOut)), 1);
        System.out.println("exploration: without " + leftOut + ", which others imply: " + findings);
        assertThat(findings.counterExamples).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void aLookThatIsNotRepeatedIsFound(Skipped skipped) {
        assertFound(skipped.toString(), new Subject(Verdict.ALL_PREDICATES, skipped::seededIn));
    }

    private static void assertFound(String what, Subject subject) {
        Optional<String> found = Optional.empty();
        for (int depth = 0; depth <= DEPTH && found.isEmpty(); depth++) {
            for (Scenario scenario : SCENARIOS) {
                found = found.isPresent() ? found : new Findings().search(scenario, subject, depth);
            }
        }
        System.out.println("exploration: " + what + ": " + found.orElse("nothing found"));
        assertThat(found).as(what).isPresent();
    }

    private static Subject without(Set<SafetyPredicate> leftOut) {
        Set<SafetyPredicate> left = new HashSet<>(Verdict.ALL_PREDICATES);
        left.removeAll(leftOut);
        return new Subject(left, UnaryOperator.identity());
    }
}
