package io.relaunchguard.core.lifecycle;

import static io.relaunchguard.core.lifecycle.LifecycleState.FAILED;
import static io.relaunchguard.core.lifecycle.LifecycleState.HELD;
import static io.relaunchguard.core.lifecycle.LifecycleState.KILL;
import static io.relaunchguard.core.lifecycle.LifecycleState.MARKER_CHECK;
import static io.relaunchguard.core.lifecycle.LifecycleState.PREFLIGHT;
import static io.relaunchguard.core.lifecycle.LifecycleState.READY;
import static io.relaunchguard.core.lifecycle.LifecycleState.REVALIDATE;
import static io.relaunchguard.core.lifecycle.LifecycleState.START;
import static io.relaunchguard.core.lifecycle.LifecycleState.TEARDOWN_GRACE;
import static io.relaunchguard.core.lifecycle.LifecycleState.TERM;
import static io.relaunchguard.core.lifecycle.TransitionGuard.ALL_PREDICATES_HOLD;
import static io.relaunchguard.core.lifecycle.TransitionGuard.OTHERWISE;
import static io.relaunchguard.core.lifecycle.TransitionGuard.PROFILE_FREE;
import static io.relaunchguard.core.lifecycle.TransitionGuard.STILL_FREE;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LifecycleTable.Trigger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class LifecycleTableTest {

    @Test
    void isTheTableOfTheDesign() {
        String table = LifecycleTable.TRANSITIONS.stream()
                .map(row -> "%s %s %s %s\n".formatted(row.source(), row.event(), row.guard(), row.target()))
                .collect(Collectors.joining());

        assertThat(table).isEqualTo("""
                START PROFILE_READ PROFILE_FREE READY
                START PROFILE_READ OTHERWISE MARKER_CHECK
                START FAULT OTHERWISE PREFLIGHT
                MARKER_CHECK MARKER_READ OTHERWISE HOLDER_READ
                MARKER_CHECK FAULT OTHERWISE PREFLIGHT
                HOLDER_READ FACTS_READ OTHERWISE DECIDE
                HOLDER_READ FAULT OTHERWISE PREFLIGHT
                DECIDE DECIDED ALL_PREDICATES_HOLD TEARDOWN_GRACE
                DECIDE DECIDED OTHERWISE PREFLIGHT
                DECIDE FAULT OTHERWISE PREFLIGHT
                TEARDOWN_GRACE HOLDER_EXITED OTHERWISE PREFLIGHT
                TEARDOWN_GRACE PROGRESS_SEEN OTHERWISE TEARDOWN_GRACE
                TEARDOWN_GRACE WAIT_ELAPSED ALL_PREDICATES_HOLD TERM
                TEARDOWN_GRACE WAIT_ELAPSED OTHERWISE PREFLIGHT
                TEARDOWN_GRACE FAULT OTHERWISE PREFLIGHT
                TERM HOLDER_EXITED OTHERWISE PREFLIGHT
                TERM WAIT_ELAPSED OTHERWISE REVALIDATE
                TERM CONSENT_WITHDRAWN OTHERWISE PREFLIGHT
                TERM FAULT OTHERWISE PREFLIGHT
                REVALIDATE FACTS_READ ALL_PREDICATES_HOLD KILL
                REVALIDATE FACTS_READ OTHERWISE PREFLIGHT
                REVALIDATE FAULT OTHERWISE PREFLIGHT
                KILL HOLDER_EXITED OTHERWISE PREFLIGHT
                KILL WAIT_ELAPSED OTHERWISE PREFLIGHT
                KILL FAULT OTHERWISE PREFLIGHT
                PREFLIGHT CACHE_FREE STILL_FREE READY
                PREFLIGHT CACHE_FREE OTHERWISE PREFLIGHT
                PREFLIGHT WAIT_ELAPSED OTHERWISE HELD
                PREFLIGHT FAULT STILL_FREE READY
                PREFLIGHT FAULT OTHERWISE FAILED
                """);
    }

    @Test
    void startsWithTheChoiceWhetherAnybodyIsThere() {
        assertThat(LifecycleTable.INITIAL).isEqualTo(START);
        assertThat(LifecycleTable.byTrigger().get(new Trigger(START, LifecycleEvent.PROFILE_READ)))
                .containsExactly(
                        LifecycleTable.FREE,
                        new Transition(START, LifecycleEvent.PROFILE_READ, OTHERWISE, MARKER_CHECK));
        assertThat(LifecycleTable.TRANSITIONS).noneMatch(row -> row.target() == START);
    }

    @Test
    void hasNoRowTwice() {
        assertThat(LifecycleTable.TRANSITIONS).doesNotHaveDuplicates();
    }

    @Test
    void reachesEveryState() {
        assertThat(reachable(LifecycleTable.TRANSITIONS)).containsExactlyInAnyOrder(LifecycleState.values());
    }

    @Test
    void endsInThreeStates() {
        assertThat(Stream.of(LifecycleState.values()).filter(LifecycleState::isEnd))
                .containsExactly(READY, HELD, FAILED);
    }

    @ParameterizedTest
    @EnumSource(names = {"READY", "HELD", "FAILED"})
    void leavesNoEnd(LifecycleState end) {
        assertThat(LifecycleTable.TRANSITIONS).noneMatch(row -> row.source() == end);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H28")
    void canEndFromEveryState(LifecycleState state) {
        assertThat(reachable(state, LifecycleTable.TRANSITIONS)).anyMatch(LifecycleState::isEnd);
    }

    @Test
    void loopsNowhereButInTheGraceAndWhereTheCacheIsTakenAgain() {
        List<Transition> backwards = LifecycleTable.TRANSITIONS.stream()
                .filter(row -> row.target().compareTo(row.source()) <= 0)
                .toList();

        assertThat(backwards)
                .containsExactly(
                        new Transition(TEARDOWN_GRACE, LifecycleEvent.PROGRESS_SEEN, OTHERWISE, TEARDOWN_GRACE),
                        new Transition(PREFLIGHT, LifecycleEvent.CACHE_FREE, OTHERWISE, PREFLIGHT));
    }

    @ParameterizedTest
    @MethodSource("triggers")
    void hasAWayOutForEveryTriggerAsItsLastRowAlone(Trigger trigger, List<Transition> rows) {
        List<TransitionGuard> guards = rows.stream().map(Transition::guard).toList();

        assertThat(guards).endsWith(OTHERWISE).containsOnlyOnce(OTHERWISE);
        assertThat(rows).allMatch(row -> row.source() == trigger.source() && row.event() == trigger.event());
    }

    static Stream<Arguments> triggers() {
        return LifecycleTable.byTrigger().entrySet().stream()
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @Test
    void givesEveryRowOnceByTriggerInItsOrder() {
        Map<Trigger, List<Transition>> byTrigger = LifecycleTable.byTrigger();

        assertThat(byTrigger.values().stream().flatMap(Collection::stream))
                .containsExactlyElementsOf(LifecycleTable.TRANSITIONS);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"PREFLIGHT", "READY", "HELD", "FAILED"})
    @Tag("H26")
    void goesOnWithoutASignalWhenSomethingBreaks(LifecycleState state) {
        assertThat(LifecycleTable.byTrigger())
                .containsEntry(
                        new Trigger(state, LifecycleEvent.FAULT),
                        List.of(new Transition(state, LifecycleEvent.FAULT, OTHERWISE, PREFLIGHT)));
    }

    @Test
    @Tag("H26")
    void isReadyWithoutALockWhateverBroke() {
        assertThat(LifecycleTable.byTrigger().get(new Trigger(PREFLIGHT, LifecycleEvent.FAULT)))
                .startsWith(new Transition(PREFLIGHT, LifecycleEvent.FAULT, STILL_FREE, READY));
    }

    @Test
    @Tag("H01")
    void failsWhenThePreflightBreaksWithALockPresent() {
        assertThat(into(FAILED)).containsExactly(new Transition(PREFLIGHT, LifecycleEvent.FAULT, OTHERWISE, FAILED));
    }

    @Test
    @Tag("H01")
    void isReadyOnlyWhereNobodyWasOrIsAtTheLastLook() {
        assertThat(into(READY))
                .containsExactly(
                        new Transition(START, LifecycleEvent.PROFILE_READ, PROFILE_FREE, READY),
                        new Transition(PREFLIGHT, LifecycleEvent.CACHE_FREE, STILL_FREE, READY),
                        new Transition(PREFLIGHT, LifecycleEvent.FAULT, STILL_FREE, READY));
    }

    @ParameterizedTest
    @EnumSource(names = {"TEARDOWN_GRACE", "TERM", "KILL"})
    void entersNoStateThatActsOnTheHolderUnlessEveryPredicateHolds(LifecycleState state) {
        assertThat(into(state))
                .filteredOn(row -> row.source() != state)
                .isNotEmpty()
                .allMatch(row -> row.guard() == ALL_PREDICATES_HOLD);
    }

    @Test
    @Tag("H18")
    void asksOnlyAfterTheGrace() {
        assertThat(into(TERM))
                .containsExactly(
                        new Transition(TEARDOWN_GRACE, LifecycleEvent.WAIT_ELAPSED, ALL_PREDICATES_HOLD, TERM));
    }

    @Test
    @Tag("H04")
    void forcesOnlyAfterItAskedAndCheckedAgain() {
        assertThat(into(KILL))
                .containsExactly(new Transition(REVALIDATE, LifecycleEvent.FACTS_READ, ALL_PREDICATES_HOLD, KILL));
        assertThat(into(REVALIDATE))
                .containsExactly(new Transition(TERM, LifecycleEvent.WAIT_ELAPSED, OTHERWISE, REVALIDATE));
    }

    @Test
    @Tag("H05")
    void neitherAsksNorForcesAHolderThatConsentsNoMore() {
        assertThat(LifecycleTable.byTrigger().get(new Trigger(TERM, LifecycleEvent.CONSENT_WITHDRAWN)))
                .containsExactly(new Transition(TERM, LifecycleEvent.CONSENT_WITHDRAWN, OTHERWISE, PREFLIGHT));
    }

    @Test
    void actsOnNoHolderWhenNoPredicateEverHolds() {
        List<Transition> withoutConsent = LifecycleTable.TRANSITIONS.stream()
                .filter(row -> row.guard() != ALL_PREDICATES_HOLD)
                .toList();

        assertThat(reachable(withoutConsent)).doesNotContain(TEARDOWN_GRACE, TERM, REVALIDATE, KILL);
    }

    @Test
    @Tag("H17")
    void trustsNoKillButLooksAtTheCacheAfterIt() {
        assertThat(LifecycleTable.TRANSITIONS)
                .filteredOn(row -> row.source() == KILL)
                .allMatch(row -> row.target() == PREFLIGHT);
    }

    @ParameterizedTest
    @EnumSource
    void describesEveryState(LifecycleState state) {
        assertThat(state.description()).isNotBlank();
    }

    private static List<Transition> into(LifecycleState target) {
        return LifecycleTable.TRANSITIONS.stream()
                .filter(row -> row.target() == target)
                .toList();
    }

    private static Set<LifecycleState> reachable(List<Transition> rows) {
        return reachable(LifecycleTable.INITIAL, rows);
    }

    private static Set<LifecycleState> reachable(LifecycleState from, List<Transition> rows) {
        Set<LifecycleState> seen = EnumSet.of(from);
        Deque<LifecycleState> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            LifecycleState state = open.remove();
            List<LifecycleState> next = new ArrayList<>();
            rows.stream().filter(row -> row.source() == state).forEach(row -> next.add(row.target()));
            next.stream().filter(seen::add).forEach(open::add);
        }
        return seen;
    }
}
