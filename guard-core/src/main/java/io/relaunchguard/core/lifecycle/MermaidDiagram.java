package io.relaunchguard.core.lifecycle;

import java.util.Locale;
import java.util.stream.Collectors;

/** Draws the {@link LifecycleTable} as a Mermaid state diagram. */
public final class MermaidDiagram {

    private MermaidDiagram() {}

    /** The whole table as Mermaid text, one arrow a row, lines ended by {@code \n}. */
    public static String ofTable() {
        String arrows = LifecycleTable.TRANSITIONS.stream()
                .map(row -> "    %s --> %s: %s".formatted(row.source(), row.target(), label(row)))
                .collect(Collectors.joining("\n"));
        return """
                stateDiagram-v2
                    [*] --> %s
                %s
                    READY --> [*]
                    HELD --> [*]
                    FAILED --> [*]
                """.formatted(LifecycleTable.INITIAL, arrows);
    }

    private static String label(Transition row) {
        String event = row.event().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        String guard = row.guard().label();
        return guard.isEmpty() ? event : event + " [" + guard + "]";
    }
}
