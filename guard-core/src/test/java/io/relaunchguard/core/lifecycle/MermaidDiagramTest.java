package io.relaunchguard.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class MermaidDiagramTest {

    @Test
    void drawsTheWholeTable() {
        assertThat(MermaidDiagram.ofTable()).isEqualTo("""
                stateDiagram-v2
                    [*] --> MARKER_CHECK
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
                    TERM --> PREFLIGHT: fault
                    REVALIDATE --> KILL: facts read [every predicate holds]
                    REVALIDATE --> PREFLIGHT: facts read
                    REVALIDATE --> PREFLIGHT: fault
                    KILL --> PREFLIGHT: holder exited
                    KILL --> PREFLIGHT: wait elapsed
                    KILL --> PREFLIGHT: fault
                    PREFLIGHT --> READY: cache free
                    PREFLIGHT --> HELD: wait elapsed
                    PREFLIGHT --> READY: fault [no lock file]
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
}
