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

class LaunchPathTest {

    private static final Transition READ = LifecycleTable.TRANSITIONS.get(3);
    private static final Transition FACTS = LifecycleTable.TRANSITIONS.get(5);
    private static final Transition PROGRESS = LifecycleTable.TRANSITIONS.stream()
            .filter(row -> row.event() == LaunchEvent.PROGRESS_SEEN)
            .findFirst()
            .orElseThrow();

    @Test
    void numbersItsSteps() {
        LaunchPath path = path(READ, FACTS, READ, PROGRESS, PROGRESS, PROGRESS, PROGRESS, FACTS, PROGRESS);

        assertThat(path.steps(READ)).isEqualTo("1, 3");
        assertThat(path.steps(FACTS)).isEqualTo("2, 8");
        assertThat(path.steps(PROGRESS)).isEqualTo("4\u20137, 9");
        assertThat(path.steps(LifecycleTable.TRANSITIONS.get(1))).isEmpty();
    }

    @Test
    void visitedWhatItLeftAndWhereItIs() {
        LaunchPath path = new LaunchPath(List.of(READ), Map.of(), Optional.of(LaunchState.HOLDER_READ));

        assertThat(LaunchState.values())
                .filteredOn(path::visited)
                .containsExactly(LaunchState.MARKER_CHECK, LaunchState.HOLDER_READ);
        assertThat(LaunchState.values()).noneMatch(LaunchPath.NONE::visited);
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
            assertThat(dwelling(LaunchState.TERM, nanos).dwell(LaunchState.TERM))
                    .isEqualTo(text);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void doesNotTellHowLongWhereThatIsUnknownOrForEver() {
        assertThat(LaunchPath.NONE.dwell(LaunchState.TERM)).isEmpty();
        assertThat(dwelling(LaunchState.READY, 5).dwell(LaunchState.READY)).isEmpty();
    }

    private static LaunchPath path(Transition... taken) {
        return new LaunchPath(List.of(taken), Map.of(), Optional.empty());
    }

    private static LaunchPath dwelling(LaunchState state, long nanos) {
        return new LaunchPath(List.of(), Map.of(state, Duration.ofNanos(nanos)), Optional.empty());
    }
}
