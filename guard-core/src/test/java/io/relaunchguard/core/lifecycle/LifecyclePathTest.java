package io.relaunchguard.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifecyclePathTest {

    private static final Transition READ = LifecycleTable.TRANSITIONS.get(3);
    private static final Transition FACTS = LifecycleTable.TRANSITIONS.get(5);
    private static final Transition PROGRESS = LifecycleTable.TRANSITIONS.stream()
            .filter(row -> row.event() == LifecycleEvent.PROGRESS_SEEN)
            .findFirst()
            .orElseThrow();

    @Test
    void numbersItsSteps() {
        LifecyclePath path = path(READ, FACTS, READ, PROGRESS, PROGRESS, PROGRESS, PROGRESS, FACTS, PROGRESS);

        assertThat(path.steps(READ)).isEqualTo("1, 3");
        assertThat(path.steps(FACTS)).isEqualTo("2, 8");
        assertThat(path.steps(PROGRESS)).isEqualTo("4\u20137, 9");
        assertThat(path.steps(LifecycleTable.TRANSITIONS.get(1))).isEmpty();
    }

    @Test
    void visitedWhatItLeftAndWhereItIs() {
        LifecyclePath path = new LifecyclePath(List.of(READ), Map.of(), Optional.of(LifecycleState.HOLDER_READ));

        assertThat(LifecycleState.values())
                .filteredOn(path::visited)
                .containsExactly(LifecycleState.MARKER_CHECK, LifecycleState.HOLDER_READ);
        assertThat(LifecycleState.values()).noneMatch(LifecyclePath.NONE::visited);
    }

    @ParameterizedTest
    @CsvSource({
        "0,under 1 ms",
        "999999,under 1 ms",
        "1000000,1 ms",
        "999999999,999 ms",
        "1000000000,1.0 s",
        "59999999999,59.9 s",
        "60000000000,1 min 0 s",
        "4000000000000,66 min 40 s"
    })
    void tellsHowLongItWasThere(long nanos, String text) {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(dwelling(LifecycleState.TERM, nanos).dwell(LifecycleState.TERM))
                    .isEqualTo(text);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void doesNotTellHowLongWhereThatIsUnknownOrForEver() {
        assertThat(LifecyclePath.NONE.dwell(LifecycleState.TERM)).isEmpty();
        assertThat(dwelling(LifecycleState.READY, 5).dwell(LifecycleState.READY))
                .isEmpty();
    }

    private static LifecyclePath path(Transition... taken) {
        return new LifecyclePath(List.of(taken), Map.of(), Optional.empty());
    }

    private static LifecyclePath dwelling(LifecycleState state, long nanos) {
        return new LifecyclePath(List.of(), Map.of(state, Duration.ofNanos(nanos)), Optional.empty());
    }
}
