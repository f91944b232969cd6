package io.relaunchguard.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MermaidDiagramTest {

    @Test
    void drawsTheWholeTable() {
        assertThat(MermaidDiagram.ofTable()).isEqualTo("""
                stateDiagram-v2
                    [*] --> READY: profile read [profile free]
                    [*] --> MARKER_CHECK: profile read
                    [*] --> PREFLIGHT: fault
                    MARKER_CHECK --> HOLDER_READ: marker read
                    MARKER_CHECK --> PREFLIGHT: fault
                    HOLDER_READ --> DECIDE: facts read
                    HOLDER_READ --> PREFLIGHT: fault
                    DECIDE --> TEARDOWN_GRACE: decided [every predicate holds]
                    DECIDE --> PREFLIGHT: decided
                    DECIDE --> PREFLIGHT: fault
                    TEARDOWN_GRACE --> PREFLIGHT: holder exited
                    TEARDOWN_GRACE --> TEARDOWN_GRACE: progress seen
                    TEARDOWN_GRACE --> TERM: wait elapsed [every predicate holds]
                    TEARDOWN_GRACE --> PREFLIGHT: wait elapsed
                    TEARDOWN_GRACE --> PREFLIGHT: fault
                    TERM --> PREFLIGHT: holder exited
                    TERM --> REVALIDATE: wait elapsed
                    TERM --> PREFLIGHT: consent withdrawn
                    TERM --> PREFLIGHT: fault
                    REVALIDATE --> KILL: facts read [every predicate holds]
                    REVALIDATE --> PREFLIGHT: facts read
                    REVALIDATE --> PREFLIGHT: fault
                    KILL --> PREFLIGHT: holder exited
                    KILL --> PREFLIGHT: wait elapsed
                    KILL --> PREFLIGHT: fault
                    PREFLIGHT --> READY: cache free [still free]
                    PREFLIGHT --> PREFLIGHT: cache free
                    PREFLIGHT --> HELD: wait elapsed
                    PREFLIGHT --> READY: fault [still free]
                    PREFLIGHT --> FAILED: fault
                    READY --> [*]
                    HELD --> [*]
                    FAILED --> [*]
                """);
    }

    @Test
    void drawsTheSameInEveryLocale() {
        String expected = MermaidDiagram.ofTable();
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(MermaidDiagram.ofTable()).isEqualTo(expected);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void withoutALaunchItIsTheTableAndItsStyles() {
        assertThat(MermaidDiagram.ofLaunch(LifecyclePath.NONE)).isEqualTo(MermaidDiagram.ofTable() + """
                    classDef passed fill:#cfe3ff,stroke:#0b5cad,color:#0b2545
                    classDef current fill:#0b5cad,stroke:#0b2545,color:#ffffff
                """);
    }

    /** Rendered with Mermaid 11 when this was written. */
    @Test
    void marksALaunchsWay() {
        LifecyclePath path = new LifecyclePath(
                LifecycleTable.TRANSITIONS.subList(3, 4),
                Map.of(LifecycleState.MARKER_CHECK, Duration.ofMillis(12)),
                Optional.of(LifecycleState.HOLDER_READ));

        assertThat(MermaidDiagram.ofLaunch(path))
                .isEqualTo(MermaidDiagram.ofTable().replace("HOLDER_READ: marker read", "HOLDER_READ: (1) marker read")
                        + """
                            MARKER_CHECK: MARKER_CHECK
                            MARKER_CHECK: 12 ms
                            classDef passed fill:#cfe3ff,stroke:#0b5cad,color:#0b2545
                            classDef current fill:#0b5cad,stroke:#0b2545,color:#ffffff
                            class MARKER_CHECK passed
                            class HOLDER_READ current
                        """);
    }
}
