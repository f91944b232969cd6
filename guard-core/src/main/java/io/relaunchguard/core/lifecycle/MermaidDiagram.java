package io.relaunchguard.core.lifecycle;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The drawing of the {@link LifecycleTable} as a Mermaid state diagram. */
public final class MermaidDiagram {

    private static final String STYLES = """
                classDef passed fill:#cfe3ff,stroke:#0b5cad,color:#0b2545
                classDef current fill:#0b5cad,stroke:#0b2545,color:#ffffff
            """;

    private MermaidDiagram() {}

    /** Returns the whole table as Mermaid text, with one arrow for each row and lines that end with {@code \n}. */
    public static String ofTable() {
        return of(Transition::label);
    }

    /**
     * Returns the table with a launch in it. The diagram shows the states that the launch passed, how long it was
     * there, the state that it is in or ended in, and the numbers of its steps on the arrows.
     */
    public static String ofLaunch(LifecyclePath path) {
        return of(row -> path.steps(row).isEmpty() ? row.label() : "(" + path.steps(row) + ") " + row.label())
                + dwells(path)
                + STYLES
                + states("passed", state -> path.visited(state) && !isCurrent(path, state))
                + states("current", state -> isCurrent(path, state));
    }

    private static String of(Function<Transition, String> label) {
        String arrows = LifecycleTable.TRANSITIONS.stream()
                .map(row -> "    %s --> %s: %s".formatted(source(row), row.target(), label.apply(row)))
                .collect(Collectors.joining("\n"));
        return """
                stateDiagram-v2
                %s
                    READY --> [*]
                    HELD --> [*]
                    FAILED --> [*]
                """.formatted(arrows);
    }

    private static String source(Transition row) {
        return row.source() == LifecycleTable.INITIAL ? "[*]" : row.source().name();
    }

    /** Returns the states that the diagram draws as states; the first is Mermaid's own start. */
    private static Stream<LifecycleState> states() {
        return Arrays.stream(LifecycleState.values()).filter(state -> state != LifecycleTable.INITIAL);
    }

    private static String dwells(LifecyclePath path) {
        return states().filter(state -> !path.dwell(state).isEmpty())
                .map(state -> "    %1$s: %1$s\n    %1$s: %2$s\n".formatted(state, path.dwell(state)))
                .collect(Collectors.joining());
    }

    private static String states(String style, Predicate<LifecycleState> which) {
        List<LifecycleState> states = states().filter(which).toList();
        return states.isEmpty()
                ? ""
                : "    class %s %s\n"
                        .formatted(states.stream().map(Enum::name).collect(Collectors.joining(",")), style);
    }

    private static boolean isCurrent(LifecyclePath path, LifecycleState state) {
        return path.current().filter(state::equals).isPresent();
    }
}
